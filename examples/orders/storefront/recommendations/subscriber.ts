import { Subscription } from "encore.dev/pubsub";
import { cartChanged } from "../cart/topics";

const _ = new Subscription(cartChanged, "suggest-more", {
  handler: async (event) => {
    console.log(`suggesting for ${event.customerId}`);
  },
  retryPolicy: { minBackoff: "10s", maxBackoff: "10m", maxRetries: 10 },
});
