// The bench's generator and receiver. A request is a line on standard input, its answer a line of JSON.
// udp-load generate: send TRIAL PORT SIZE (RATE MESSAGES)...   (RATE 0 is back to back)
// udp-load receive:  expect TRIAL | report
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, MAX_DATAGRAM = 65507, RECEIVE_BUFFER = 4 * 1024 * 1024, PHASES = 8 };
// Datagrams that are due within this time go out together.
static const double REST_MS = 0.2;
// A longer delay is not made up for, as that would be a burst.
static const double LATE_MS = 10;
// A load ends after this multiple of its planned time.
static const double PATIENCE = 1.5;

// The header of a datagram, as in src/commands/bench/load-datagram.ts.
struct header {
  uint32_t trial, sequence;
  double sent_ms;
};

static double time_ms(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static double now_ms(void) { return time_ms(CLOCK_MONOTONIC); }

static void rest(double ms) {
  struct timespec time = {.tv_sec = ms / 1e3, .tv_nsec = (long)(ms * 1e6) % 1000000000L};
  nanosleep(&time, NULL);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static struct mmsghdr messages[BATCH];
static struct iovec parts[BATCH];

static void prepare(void *buffers, size_t stride, size_t size) {
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){(char *)buffers + i * stride, size};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
}

// Sends the next datagrams of a trial, each with its own number and time.
static void send_batch(int to, uint32_t trial, uint32_t first, int count) {
  for (int i = 0; i < count; i++)
    *(struct header *)parts[i].iov_base = (struct header){trial, first + i, now_ms()};
  for (int done = 0; done < count;) {
    int sent = sendmmsg(to, messages + done, count - done, 0);
    // A refusal is a loss like any other: the receiver counts it.
    done += sent > 0 ? sent : 1;
  }
}

static long send_phase(int to, uint32_t trial, long first, double rate, long planned) {
  double per_ms = rate / 1e3, start = now_ms(), end = start + planned / per_ms * PATIENCE;
  long sent = 0;
  while (sent < planned) {
    double now = now_ms();
    long due = BATCH;
    if (rate > 0) {
      if (now > end) break;
      double late = now - start - sent / per_ms;
      if (late > LATE_MS) start += late;
      due = (long)((now - start) * per_ms) + 1 - sent;
      if (due <= 0) {
        double until = start + sent / per_ms - now;
        rest(until > REST_MS ? until : REST_MS);
        continue;
      }
    }
    if (due > planned - sent) due = planned - sent;
    if (due > BATCH) due = BATCH;
    send_batch(to, trial, first + sent, due);
    sent += due;
  }
  return sent;
}

static int generate(void) {
  static char line[1024], datagrams[BATCH][MAX_DATAGRAM + 5];
  memset(datagrams, 0x5a, sizeof datagrams);
  prctl(PR_SET_TIMERSLACK, 1);
  printf("{\"port\":0}\n");
  int to = -1, connected = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned trial;
    int port, size, at = 0, next = 0;
    if (sscanf(line, "send %u %d %d%n", &trial, &port, &size, &at) != 3) return 2;
    if (port != connected) {
      if (to >= 0) close(to);
      to = socket(AF_INET, SOCK_DGRAM, 0);
      struct sockaddr_in address = loopback(port);
      if (connect(to, (struct sockaddr *)&address, sizeof address) != 0) return 1;
      connected = port;
    }
    prepare(datagrams, sizeof datagrams[0], size);
    double cpu_ms = time_ms(CLOCK_PROCESS_CPUTIME_ID), rate, times[PHASES + 1];
    long sent = 0, planned;
    int phases = 0;
    for (; phases < PHASES && sscanf(line + at, "%lf %ld%n", &rate, &planned, &next) == 2; at += next) {
      times[phases++] = now_ms();
      sent += send_phase(to, trial, sent, rate, planned);
    }
    times[phases] = now_ms();
    printf("{\"sent\":%ld,\"cpuMs\":%.3f,\"times\":[", sent, time_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_ms);
    for (int i = 0; i <= phases; i++) printf(i == 0 ? "%.6f" : ",%.6f", times[i]);
    printf("]}\n");
  }
  return 0;
}

// Latencies in buckets, 128 for each power of two: a resolution of 0.8 %.
enum { EXACT = 256, HALF = EXACT / 2, BUCKETS = EXACT + 24 * HALF };
static uint32_t buckets[BUCKETS], longest;
static struct {
  uint32_t trial, next;
  long received, others, disordered;
  double last_gap_ms;
} seen;

static void record(double ns) {
  uint32_t value = ns <= 0 ? 0 : ns >= UINT32_MAX ? UINT32_MAX : (uint32_t)ns, index = value;
  if (value > longest) longest = value;
  if (value >= EXACT) {
    int shift = 24 - __builtin_clz(value);
    index = EXACT + (shift - 1) * HALF + ((value >> shift) - HALF);
  }
  buckets[index]++;
}

// The least value in microseconds that this share of all latencies does not exceed.
static double percentile(double share) {
  double rank = share * seen.received;
  long count = 0;
  for (int index = 0; index < BUCKETS; index++) {
    count += buckets[index];
    if (count == 0 || count < rank) continue;
    if (index < EXACT) return index / 1e3;
    int shift = (index - EXACT) / HALF + 1;
    double top = (double)((uint64_t)((index - EXACT) % HALF + HALF + 1) << shift) - 1;
    return (top < longest ? top : longest) / 1e3;
  }
  return longest / 1e3;
}

static void take(const struct header *header, double now) {
  if (header->trial != seen.trial) {
    seen.others++;
    return;
  }
  record((now - header->sent_ms) * 1e6);
  seen.received++;
  if (header->sequence < seen.next) {
    seen.disordered++;
    return;
  }
  if (header->sequence > seen.next) seen.last_gap_ms = header->sent_ms;
  seen.next = header->sequence + 1;
}

static void report(void) {
  printf("{\"received\":%ld,\"others\":%ld,\"disordered\":%ld,\"cpuMs\":%.3f,\"lastGapMs\":", seen.received,
         seen.others, seen.disordered, time_ms(CLOCK_PROCESS_CPUTIME_ID));
  if (seen.last_gap_ms > 0) printf("%.6f", seen.last_gap_ms);
  else printf("null");
  printf(",\"latency\":{\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f}}\n", percentile(0.5),
         percentile(0.99), percentile(0.999), longest / 1e3);
}

static int receive(void) {
  int from = socket(AF_INET, SOCK_DGRAM, 0), size = RECEIVE_BUFFER;
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  setsockopt(from, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(from, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  getsockname(from, (struct sockaddr *)&address, &length);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  static struct header headers[BATCH];
  static char line[1024];
  prepare(headers, sizeof headers[0], sizeof headers[0]);
  struct pollfd ready[] = {{.fd = from, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  while (poll(ready, 2, -1) >= 0) {
    if (ready[0].revents != 0) {
      int count = recvmmsg(from, messages, BATCH, MSG_DONTWAIT, NULL);
      double now = now_ms();
      for (int i = 0; i < count; i++)
        if (messages[i].msg_len == sizeof(struct header)) take(&headers[i], now);
      continue;
    }
    if (ready[1].revents == 0) continue;
    if (fgets(line, sizeof line, stdin) == NULL) return 0;
    unsigned trial;
    if (sscanf(line, "expect %u", &trial) == 1) {
      memset(buckets, 0, sizeof buckets);
      memset(&seen, 0, sizeof seen);
      longest = 0;
      seen.trial = trial;
      printf("{}\n");
    } else report();
  }
  return 1;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc == 2 && strcmp(argv[1], "generate") == 0) return generate();
  if (argc == 2 && strcmp(argv[1], "receive") == 0) return receive();
  return 2;
}
