module shop.example/loyalty

go 1.24

require encore.dev v1.48.0
