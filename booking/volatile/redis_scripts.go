package volatile

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// keptLonger is how long a count stays after it has become meaningless: the clock by which keys expire may be a little
// ahead of the one that is counted with, and a count must not be lost early.
const keptLonger = time.Second

// script is a Lua text with one key, and the digest under which Redis remembers it.
type script struct{ text, digest string }

func newScript(text string) script { return script{text: text, digest: redis.NewScript(text).Hash()} }

var (
	// allow is take of rate.go on the server, by the server's clock. Arguments: microseconds between two calls, burst,
	// milliseconds that the count is kept longer.
	allow = newScript(`
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local each, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local span = each * burst
local busy = tonumber(redis.call('get', KEYS[1])) or 0
busy = math.min(math.max(busy, now), now + span)
local free = busy + each
local early = free - span - now
if early > 0 then
	return {0, 0, early, busy - now}
end
local keep = math.ceil((free - now) / 1000) + tonumber(ARGV[3])
redis.call('set', KEYS[1], string.format('%.0f', free), 'px', string.format('%.0f', keep))
return {1, math.floor((span - (free - now)) / each), 0, free - now}
`)

	// lease takes or renews. Arguments: holder, milliseconds.
	lease = newScript(`
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then
	return 0
end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return 1
`)

	// release gives back what the holder has. Argument: holder.
	release = newScript(`
if redis.call('get', KEYS[1]) == ARGV[1] then
	redis.call('del', KEYS[1])
end
return 1
`)
)

// unrepeated is a command that go-redis sends at most once. MaxRetries: -1 would not do: the client of a Cluster tries
// again up to MaxRedirects times whatever MaxRetries says, and without redirections it finds no slot that has moved.
type unrepeated struct{ *redis.Cmd }

// NoRetry is what go-redis asks a command whose answer was lost.
func (unrepeated) NoRetry() bool { return true }

// send sends a command once: when no answer comes, nobody knows whether it was carried out, and the error says so.
func (r *Redis) send(ctx context.Context, args ...any) *redis.Cmd {
	cmd := redis.NewCmd(ctx, args...)
	var err error
	if r.repeat {
		err = r.client.Process(ctx, cmd)
	} else {
		err = r.client.Process(ctx, unrepeated{cmd})
	}
	if err != nil && cmd.Err() == nil {
		cmd.SetErr(err) // refused before it was sent
	}
	return cmd
}

// run runs a script by its digest; a server that has forgotten it, or never knew, gets the text. Not knowing the script
// it has done nothing, so this is no repetition.
func (r *Redis) run(ctx context.Context, s script, key string, args ...any) *redis.Cmd {
	cmd := r.send(ctx, append([]any{"evalsha", s.digest, 1, key}, args...)...)
	if redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") {
		cmd = r.send(ctx, append([]any{"eval", s.text, 1, key}, args...)...)
	}
	return cmd
}
