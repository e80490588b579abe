package pitstop

import (
	"bufio"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// eventsPath shows what went through the broker.
const eventsPath = "/stand-in/events"

// queues are bound to the one fan-out exchange when their consumer first comes; events from before that are not theirs.
type queue struct {
	waiting   []event
	arrived   chan struct{} // has a value when something may wait
	delivered int           // and acknowledged
}

// event is a message: its type is what consumers go by.
type event struct {
	Type string          `json:"type"`
	Body json.RawMessage `json:"body"`
}

// order is a request to the broker.
type order struct {
	Do    string `json:"do"` // publish, bind, next
	Queue string `json:"queue,omitempty"`
	Event *event `json:"event,omitempty"`
}

// delivery answers an order; an event comes with next.
type delivery struct {
	Error string `json:"error,omitempty"`
	Event *event `json:"event,omitempty"`
}

type rabbitMQ struct {
	user        login
	mutex       sync.Mutex
	queues      map[string]*queue
	published   map[string]int
	connections int
	refused     int
}

type queueReport struct {
	Waiting   int `json:"waiting"`
	Delivered int `json:"delivered"`
}

type brokerReport struct {
	Published     map[string]int         `json:"published"`
	Queues        map[string]queueReport `json:"queues"`
	Connections   int                    `json:"connections"` // opened since the start
	RefusedLogins int                    `json:"refused_logins"`
}

func newRabbitMQ(settings *settings, place *Place, _ string) *Role {
	user := login{
		User: settings.text("RABBITMQ_DEFAULT_USER", ""), Password: settings.text("RABBITMQ_DEFAULT_PASS", ""),
	}
	if path := settings.text("RABBITMQ_CONFIG_FILE", ""); path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			settings.refuse("environment variable RABBITMQ_CONFIG_FILE: %v", err)
		}
		user = withConfig(user, string(text))
	}
	if user.User == "" || user.Password == "" {
		place.say("no default user is set: guest, which RabbitMQ lets in from its own machine only")
	}
	server := &rabbitMQ{user: user, queues: map[string]*queue{}, published: map[string]int{}}
	return &Role{Port: 15672, Handler: server, Lines: map[int]func(net.Conn){5672: server.serve}}
}

// withConfig takes default_user and default_pass from a rabbitmq.conf; the environment wins.
func withConfig(user login, text string) login {
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "default_user":
			user.User = firstOf(user.User, value)
		case "default_pass":
			user.Password = firstOf(user.Password, value)
		}
	}
	return user
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func (r *rabbitMQ) welcome(who login) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if who != r.user || who.Password == "" {
		r.refused++
		return errors.New("ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN")
	}
	r.connections++
	return nil
}

func (r *rabbitMQ) serve(raw net.Conn) {
	serveLines(raw, r.welcome, func(on *connection, line json.RawMessage) any {
		var asked order
		if err := json.Unmarshal(line, &asked); err != nil {
			return delivery{Error: err.Error()}
		}
		switch {
		case asked.Do == "publish" && asked.Event != nil:
			r.publish(*asked.Event)
		case asked.Do == "bind":
			r.bind(asked.Queue)
		case asked.Do == "next":
			return r.next(on, asked.Queue)
		default:
			return delivery{Error: "NOT_IMPLEMENTED - " + asked.Do}
		}
		return delivery{}
	})
}

// publish copies an event to every queue.
func (r *rabbitMQ) publish(published event) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.published[published.Type]++
	for _, queue := range r.queues {
		queue.waiting = append(queue.waiting, published)
		queue.wake()
	}
}

func (r *rabbitMQ) bind(name string) *queue {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.queues[name] == nil {
		r.queues[name] = &queue{arrived: make(chan struct{}, 1)}
	}
	return r.queues[name]
}

// next waits for an event of a queue; it is gone from the queue once its consumer has acknowledged it, which a lost
// connection does not.
func (r *rabbitMQ) next(on *connection, name string) delivery {
	queue := r.bind(name)
	for {
		r.mutex.Lock()
		if len(queue.waiting) > 0 {
			first := queue.waiting[0]
			queue.waiting = queue.waiting[1:]
			if len(queue.waiting) > 0 { // for another consumer of the queue
				queue.wake()
			}
			r.mutex.Unlock()
			return r.deliver(on, queue, first)
		}
		r.mutex.Unlock()
		if !queue.wait(on) {
			return delivery{Error: "CONNECTION_CLOSED"}
		}
	}
}

// deliver sends an event and waits for the line that acknowledges it, which the answer to this order then follows.
func (r *rabbitMQ) deliver(on *connection, queue *queue, first event) delivery {
	var acknowledged struct{}
	if on.send(delivery{Event: &first}) != nil || on.receive(&acknowledged) != nil {
		r.mutex.Lock()
		queue.waiting = append([]event{first}, queue.waiting...)
		queue.wake()
		r.mutex.Unlock()
		return delivery{Error: "CONNECTION_CLOSED"}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	queue.delivered++
	return delivery{}
}

func (q *queue) wake() {
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

// Deadlines that end a read at once, and that end none.
var past, never = time.Unix(1, 0), time.Time{}

// wait is until something may be in the queue; false when the consumer is gone.
func (q *queue) wait(on *connection) bool {
	gone := make(chan struct{})
	go func() { // a consumer that waits says nothing: whatever can be read is its end
		_, _ = on.reader.Peek(1)
		close(gone)
	}()
	select {
	case <-q.arrived:
		_ = on.SetReadDeadline(past)
		<-gone
		_ = on.SetReadDeadline(never)
		return true
	case <-gone:
		return false
	}
}

// ServeHTTP is the management page as far as anybody asks, and the counters.
func (r *rabbitMQ) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	switch request.URL.Path {
	case "/":
		writePage(w, http.StatusOK, "management", page{Title: "RabbitMQ Management"})
	case "/api/overview", "/api/queues":
		user, password, _ := request.BasicAuth()
		if (login{user, password}) != r.user || password == "" {
			w.Header().Set("WWW-Authenticate", `Basic realm="RabbitMQ Management"`)
			writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "not_authorized"})
			return
		}
		writeJSON(w, http.StatusOK, r.report())
	case eventsPath:
		writeJSON(w, http.StatusOK, r.report())
	default:
		http.NotFound(w, request)
	}
}

func (r *rabbitMQ) report() brokerReport {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	report := brokerReport{
		Published: map[string]int{}, Queues: map[string]queueReport{},
		Connections: r.connections, RefusedLogins: r.refused,
	}
	for kind, count := range r.published {
		report.Published[kind] = count
	}
	for name, queue := range r.queues {
		report.Queues[name] = queueReport{len(queue.waiting), queue.delivered}
	}
	return report
}
