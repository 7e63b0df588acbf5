# Parcels on AWS.
locals {
  prefix = "parcels"
}

resource "aws_sns_topic" "scanned" {
  name = "${local.prefix}-scanned"
}

resource "aws_sqs_queue" "routing" {
  name                       = "${local.prefix}-routing"
  visibility_timeout_seconds = 180
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.routing_dlq.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "routing_dlq" {
  name                      = "${local.prefix}-routing-dlq"
  message_retention_seconds = 1209600
}

resource "aws_sns_topic_subscription" "routing" {
  topic_arn = aws_sns_topic.scanned.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.routing.arn
}

resource "aws_lambda_function" "router" {
  function_name = "router"
  role          = aws_iam_role.router.arn
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  filename      = "router.zip"
}

resource "aws_lambda_event_source_mapping" "router" {
  event_source_arn = aws_sqs_queue.routing.arn
  function_name    = aws_lambda_function.router.arn
}

resource "aws_iam_role" "router" {
  name               = "router"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

module "labels" {
  source = "./modules/worker-queue"
  name   = "labels"
}

resource "aws_cloudwatch_event_bus" "parcels" {
  name = "parcels"
}

resource "aws_cloudwatch_event_rule" "lost" {
  name           = "lost"
  event_bus_name = aws_cloudwatch_event_bus.parcels.name
  event_pattern  = jsonencode({ "detail-type" = ["ParcelLost"] })
}

resource "aws_cloudwatch_event_target" "lost" {
  rule           = aws_cloudwatch_event_rule.lost.name
  event_bus_name = aws_cloudwatch_event_bus.parcels.name
  arn            = aws_sqs_queue.claims.arn
}

resource "aws_sqs_queue" "claims" {
  name = "claims"
}
