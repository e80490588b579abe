package pitstop

import (
	"context"
	"encoding/json"
	"time"
)

// broker is RabbitMQ as a service knows it.
type broker struct{ *caller }

// visit opens a connection and closes it: what the controllers of the APIs cost with every request, a GET and a
// mirrored one too, because each makes a publisher of its own. Whether it works is nobody's business.
func (b *broker) visit(ctx context.Context) {
	if opened, err := b.open(ctx); err == nil {
		opened.Close()
	}
}

func (b *broker) publish(ctx context.Context, kind string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return b.call(ctx, order{Do: "publish", Event: &event{kind, text}}, &delivery{})
}

// consumer takes the events of one queue, one after the other.
type consumer struct {
	broker *broker
	queue  string
	handle func(context.Context, event)
}

// comeBack is the wait before a lost connection is opened again.
const comeBack = 5 * time.Second

// run consumes until the context ends. A broker that does not answer at the start leaves a worker that runs and
// consumes nothing, for good: Pitstop's retry does not see the failure. A connection that was there and is lost is
// opened again, as the client library does.
func (c *consumer) run(ctx context.Context, place *Place) {
	on, err := c.begin(ctx)
	if err != nil {
		place.say("queue %s: no consumer, and nothing tries again: %v", c.queue, err)
		return
	}
	place.say("queue %s: consuming", c.queue)
	for {
		err := c.consume(ctx, on)
		on.Close()
		for ctx.Err() == nil {
			place.say("queue %s: connection lost: %v", c.queue, err)
			time.Sleep(comeBack)
			if on, err = c.begin(ctx); err == nil {
				break
			}
		}
		if ctx.Err() != nil {
			return
		}
	}
}

func (c *consumer) begin(ctx context.Context) (*connection, error) {
	on, err := c.broker.open(ctx)
	if err != nil {
		return nil, err
	}
	return on, ask(on, order{Do: "bind", Queue: c.queue}, &delivery{})
}

// consume takes events until the connection fails; each is acknowledged when it was handled.
func (c *consumer) consume(ctx context.Context, on *connection) error {
	stop := context.AfterFunc(ctx, func() { on.Close() })
	defer stop()
	_ = on.SetDeadline(never)
	for {
		if err := on.send(order{Do: "next", Queue: c.queue}); err != nil {
			return err
		}
		var next delivery
		if err := on.receive(&next); err != nil {
			return err
		}
		if next.Event == nil {
			return refusal{next.Error}
		}
		c.handle(ctx, *next.Event)
		if err := on.send(struct{}{}); err != nil {
			return err
		}
		if err := on.receive(&next); err != nil {
			return err
		}
	}
}
