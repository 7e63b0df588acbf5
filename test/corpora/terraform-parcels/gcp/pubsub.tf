# Parcels on Google Cloud.
variable "delivery_topic" {
  default = "deliveries"
}

resource "google_pubsub_topic" "deliveries" {
  name = var.delivery_topic
}

resource "google_pubsub_topic" "deliveries_dlq" {
  name = "deliveries-dlq"
}

resource "google_pubsub_subscription" "billing" {
  name  = "billing"
  topic = google_pubsub_topic.deliveries.id

  ack_deadline_seconds = 30

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.deliveries_dlq.id
    max_delivery_attempts = 10
  }

  retry_policy {
    minimum_backoff = "10s"
  }
}

resource "google_pubsub_subscription" "archive" {
  name  = "archive"
  topic = google_pubsub_topic.deliveries.name
}

resource "google_pubsub_subscription" "parked" {
  name  = "parked"
  topic = google_pubsub_topic.deliveries_dlq.id
}
