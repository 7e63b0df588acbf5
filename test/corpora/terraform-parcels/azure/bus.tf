# Parcels on Azure.
resource "azurerm_servicebus_namespace" "parcels" {
  name                = "parcels-bus"
  location            = "westeurope"
  resource_group_name = "parcels"
  sku                 = "Standard"
}

resource "azurerm_servicebus_topic" "returned" {
  name         = "returned"
  namespace_id = azurerm_servicebus_namespace.parcels.id
}

resource "azurerm_servicebus_subscription" "refunds" {
  name               = "refunds"
  topic_id           = azurerm_servicebus_topic.returned.id
  max_delivery_count = 10
}

resource "azurerm_servicebus_queue" "inspection" {
  name         = "inspection"
  namespace_id = azurerm_servicebus_namespace.parcels.id
}
