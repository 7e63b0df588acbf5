// Package rewards hands out a reward when a customer has earned enough points.
package rewards

import (
	"context"
	"time"

	"encore.dev/pubsub"
	"shop.example/loyalty/points"
)

var _ = pubsub.NewSubscription(points.Earned, "grant-reward",
	pubsub.SubscriptionConfig[*points.PointsEarned]{
		Handler: Grant,
		RetryPolicy: &pubsub.RetryPolicy{
			MinBackoff: 5 * time.Second,
			MaxBackoff: 5 * time.Minute,
		},
	},
)

// Grant decides whether the balance is worth a reward.
func Grant(ctx context.Context, event *points.PointsEarned) error {
	return nil
}
