// Package points keeps each customer's balance of loyalty points.
package points

import (
	"context"

	"encore.dev/pubsub"
)

// PointsEarned says that a customer's balance went up.
type PointsEarned struct {
	CustomerID string `json:"customer_id"`
	Points     int    `json:"points"`
}

var Earned = pubsub.NewTopic[*PointsEarned]("points-earned", pubsub.TopicConfig{
	DeliveryGuarantee: pubsub.AtLeastOnce,
})

// EarnParams names the customer and the amount spent, in cents.
type EarnParams struct {
	CustomerID string
	Spent      int
}

//encore:api private method=POST path=/points
func Earn(ctx context.Context, p *EarnParams) error {
	_, err := Earned.Publish(ctx, &PointsEarned{CustomerID: p.CustomerID, Points: p.Spent / 100})
	return err
}
