terraform {
  required_version = ">= 1.5"
}

# The bucket.
resource "aws_s3_bucket" "orders" {
  bucket = "orders"

  versioning {
    enabled = true
  }
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

locals {
  name = "shop"
}
