package pitstop

import (
	"bufio"
	"net"
	"time"
)

// Split hands connections whose first byte begins a JSON object to lines and lets the listener that it returns accept
// all others: a port of the database shows its counters over HTTP as well.
func Split(listener net.Listener, lines func(net.Conn)) net.Listener {
	split := &splitListener{Listener: listener, others: make(chan net.Conn), ended: make(chan error, 1)}
	go split.accept(lines)
	return split
}

type splitListener struct {
	net.Listener
	others chan net.Conn
	ended  chan error
}

func (s *splitListener) accept(lines func(net.Conn)) {
	for {
		connection, err := s.Listener.Accept()
		if err != nil {
			s.ended <- err
			return
		}
		go func() {
			peeked := &peekedConn{Conn: connection, reader: bufio.NewReader(connection)}
			first, err := peeked.reader.Peek(1)
			switch {
			case err != nil:
				connection.Close()
			case first[0] == '{':
				lines(peeked)
			default:
				select {
				case s.others <- peeked:
				case <-time.After(dialTime):
					connection.Close()
				}
			}
		}()
	}
}

func (s *splitListener) Accept() (net.Conn, error) {
	select {
	case connection := <-s.others:
		return connection, nil
	case err := <-s.ended:
		s.ended <- err
		return nil, err
	}
}

// peekedConn is a connection of which something was read ahead.
type peekedConn struct {
	net.Conn
	reader *bufio.Reader
}

func (p *peekedConn) Read(into []byte) (int, error) { return p.reader.Read(into) }
