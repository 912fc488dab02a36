// SPDX-License-Identifier: Apache-2.0
//
// A second ttRPC client: containerd's own, as Debian packages it. Asks an agent for what the test tells, over one
// connection, several requests at once; prints a line for each, in their order.
//
// usage: client SOCKET, with lines on standard input: SERVICE METHOD BASE64, the last one a message
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/status"
)

// Bytes that are a message already. The library takes whatever marshals itself.
type raw struct{ bytes []byte }

func (r *raw) Reset()                       { r.bytes = nil }
func (r *raw) String() string               { return "bytes" }
func (r *raw) ProtoMessage()                {}
func (r *raw) Marshal() ([]byte, error)     { return r.bytes, nil }
func (r *raw) Unmarshal(bytes []byte) error { r.bytes = append([]byte{}, bytes...); return nil }

func ask(client *ttrpc.Client, line string) string {
	words := strings.SplitN(line, " ", 3)
	payload, err := base64.StdEncoding.DecodeString(words[2])
	if err != nil {
		return "bad line"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request, response := &raw{payload}, &raw{}
	if err := client.Call(ctx, words[0], words[1], request, response); err != nil {
		refusal, _ := status.FromError(err)
		return fmt.Sprintf("%d %s", refusal.Code(), refusal.Message())
	}
	return "0 " + base64.StdEncoding.EncodeToString(response.bytes)
}

func main() {
	connection, err := net.Dial("unix", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := ttrpc.NewClient(connection)
	defer client.Close()
	var lines []string
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 8<<20)
	for input.Scan() {
		lines = append(lines, input.Text())
	}
	answers := make([]string, len(lines))
	var all sync.WaitGroup
	for i, line := range lines {
		all.Add(1)
		go func(i int, line string) {
			defer all.Done()
			answers[i] = ask(client, line)
		}(i, line)
	}
	all.Wait()
	for _, answer := range answers {
		fmt.Println(answer)
	}
}
