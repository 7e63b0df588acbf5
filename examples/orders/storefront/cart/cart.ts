import { api } from "encore.dev/api";
import { cartChanged } from "./topics";

interface AddLines {
  cartId: string;
  customerId: string;
  skus: string[];
}

export const add = api(
  { method: "POST", path: "/cart/:cartId/lines", expose: true },
  async ({ cartId, customerId, skus }: AddLines): Promise<void> => {
    await Promise.all(
      skus.map(async (sku) => {
        await cartChanged.publish({ cartId, customerId, skus: [sku] });
      }),
    );
  },
);
