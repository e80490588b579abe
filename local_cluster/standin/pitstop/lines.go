package pitstop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// The protocol between the services, the database and the broker: one JSON object a line, an answer for each request,
// the caller speaks first and its first request is its login. An answer with the field "error" is a refusal.

// dialTime bounds a connection's beginning and each answer.
const dialTime = 5 * time.Second

type login struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// refusal is an answer of the other side's that says no; the connection is fine.
type refusal struct{ text string }

func (r refusal) Error() string { return r.text }

// connection is one end of a conversation.
type connection struct {
	net.Conn
	reader *bufio.Reader
}

func (c *connection) send(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = c.Write(append(line, '\n'))
	return err
}

func (c *connection) receive(value any) error {
	line, err := c.reader.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, value)
}

// caller opens connections to one server and keeps those that nobody uses.
type caller struct {
	address string
	user    login
	mutex   sync.Mutex
	idle    []*connection
}

func newCaller(address string, user login) *caller { return &caller{address: address, user: user} }

// open is a new connection, logged in.
func (c *caller) open(ctx context.Context) (*connection, error) {
	dialer := net.Dialer{Timeout: dialTime}
	raw, err := dialer.DialContext(ctx, "tcp", c.address)
	if err != nil {
		return nil, err
	}
	opened := &connection{Conn: raw, reader: bufio.NewReader(raw)}
	if err := ask(opened, c.user, &struct{}{}); err != nil {
		raw.Close()
		return nil, err
	}
	return opened, nil
}

// call sends one request and reads its answer. A kept connection that turns out to be dead is replaced once, before
// anything was answered.
func (c *caller) call(ctx context.Context, request, answer any) error {
	used, kept := c.take()
	if !kept {
		var err error
		if used, err = c.open(ctx); err != nil {
			return err
		}
	}
	err := ask(used, request, answer)
	var refused refusal
	if err == nil || errors.As(err, &refused) {
		c.keep(used)
		return err
	}
	used.Close()
	if !kept {
		return err
	}
	c.forget()
	return c.call(ctx, request, answer)
}

func (c *caller) take() (*connection, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.idle) == 0 {
		return nil, false
	}
	last := c.idle[len(c.idle)-1]
	c.idle = c.idle[:len(c.idle)-1]
	return last, true
}

func (c *caller) keep(used *connection) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.idle = append(c.idle, used)
}

// forget closes every kept connection: where one is dead, the server was replaced.
func (c *caller) forget() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, kept := range c.idle {
		kept.Close()
	}
	c.idle = nil
}

// ask is one request and its answer, which may be a refusal.
func ask(on *connection, request, answer any) error {
	_ = on.SetDeadline(time.Now().Add(dialTime))
	if err := on.send(request); err != nil {
		return err
	}
	var line json.RawMessage
	if err := on.receive(&line); err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	var said struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return err
	}
	if said.Error != "" {
		return refusal{said.Error}
	}
	return json.Unmarshal(line, answer)
}

// serveLines answers a connection's requests until it ends. welcome judges the login.
func serveLines(raw net.Conn, welcome func(login) error, answer func(*connection, json.RawMessage) any) {
	defer raw.Close()
	on := &connection{Conn: raw, reader: bufio.NewReader(raw)}
	var who login
	if on.receive(&who) != nil {
		return
	}
	if err := welcome(who); err != nil {
		_ = on.send(map[string]string{"error": err.Error()})
		return
	}
	if on.send(struct{}{}) != nil {
		return
	}
	for {
		var request json.RawMessage
		if on.receive(&request) != nil {
			return
		}
		if on.send(answer(on, request)) != nil {
			return
		}
	}
}
