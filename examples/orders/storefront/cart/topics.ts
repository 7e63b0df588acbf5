import { Topic } from "encore.dev/pubsub";

/** A cart that changed, for whoever wants to suggest something. */
export interface CartChanged {
  cartId: string;
  customerId: string;
  skus: string[];
}

export const cartChanged = new Topic<CartChanged>("cart-changed", {
  deliveryGuarantee: "at-least-once",
});
