{
  "id": "storefront",
  "lang": "typescript"
}
