{
  "id": "loyalty"
}
