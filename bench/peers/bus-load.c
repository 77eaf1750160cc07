// Publishes onto a ZeroMQ bus and counts what arrives, with high-water marks of 100,000.
// A request is a line on standard input, its answer a line of JSON.
// bus-load publish XSUB:    send SIZE RATE MESSAGES TOPICS   (topics in turn, from where the last load ended)
// bus-load subscribe XPUB SUBSCRIBERS PREFIXES CHANGES:  report   (of what came since the last one)
// PREFIXES 0 takes everything; else each subscriber takes that many topics of its own. CHANGES a second of one more's
// subscriptions are made besides.
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { HIGH_WATER_MARK = 100000, MAX_SIZE = 1 << 20, MAX_SUBSCRIBERS = 1000, HELD = 100 };
// Messages that are due within this time go out together: sending each by itself would be most of the load.
static const double REST_MS = 1;
// A subscriber looks this often: a wake-up for each message would be most of its work.
static const double LOOK_MS = 1;
static const double LATE_MS = 10;
static const double PATIENCE = 1.5;

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void rest(double ms) {
  struct timespec time = {.tv_sec = ms / 1e3, .tv_nsec = (long)(ms * 1e6) % 1000000000L};
  nanosleep(&time, NULL);
}

static void *connected(void *context, int type, const char *url) {
  void *socket = zmq_socket(context, type);
  int mark = HIGH_WATER_MARK, linger = 0;
  zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof mark);
  zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof mark);
  zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
  return zmq_connect(socket, url) == 0 ? socket : NULL;
}

// Topics of one length: as a prefix, each is that of itself alone.
static int topic_of(char *text, size_t size, long number) { return snprintf(text, size, "tlm.%07ld", number); }

static int publish(void *context, const char *url) {
  static char line[256], payload[MAX_SIZE], topic[32];
  memset(payload, 0x5a, sizeof payload);
  void *pub = connected(context, ZMQ_PUB, url);
  if (pub == NULL) return 1;
  printf("{}\n");
  long turn = 0, size, messages, topics;
  double rate;
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "send %ld %lf %ld %ld", &size, &rate, &messages, &topics) != 4) return 2;
    if (size > MAX_SIZE) return 2;
    double begin = now_ms(), start = begin, per_ms = rate / 1e3;
    double end = begin + messages / per_ms * PATIENCE;
    long sent = 0;
    while (sent < messages) {
      double now = now_ms();
      if (now > end) break;
      double late = now - start - sent / per_ms;
      if (late > LATE_MS) start += late;
      long due = (long)((now - start) * per_ms) + 1 - sent;
      if (due > messages - sent) due = messages - sent;
      for (; due > 0; due--, sent++, turn++) {
        zmq_send(pub, topic, topic_of(topic, sizeof topic, turn % topics), ZMQ_SNDMORE);
        zmq_send(pub, payload, size, 0);
      }
      rest(REST_MS);
    }
    printf("{\"sent\":%ld,\"tookMs\":%.3f}\n", sent, now_ms() - begin);
  }
  return 0;
}

// Takes what has arrived. Returns the number of messages.
static long drain(void *sub) {
  long messages = 0;
  zmq_msg_t part;
  zmq_msg_init(&part);
  while (zmq_msg_recv(&part, sub, ZMQ_DONTWAIT) >= 0) messages += !zmq_msg_more(&part);
  zmq_msg_close(&part);
  return messages;
}

// Subscribes to one topic more, and takes back the subscription of some time ago.
static void change(void *sub, long number, long topics) {
  char topic[32];
  int length = topic_of(topic, sizeof topic, (number / 2) % topics);
  if (number % 2 == 0) zmq_setsockopt(sub, ZMQ_SUBSCRIBE, topic, length);
  else if (number / 2 >= HELD) {
    length = topic_of(topic, sizeof topic, (number / 2 - HELD) % topics);
    zmq_setsockopt(sub, ZMQ_UNSUBSCRIBE, topic, length);
  }
}

static int subscribe(void *context, const char *url, long subscribers, long prefixes, double changes) {
  static void *subs[MAX_SUBSCRIBERS];
  static char line[256], topic[32];
  if (subscribers > MAX_SUBSCRIBERS) return 2;
  for (long i = 0; i < subscribers; i++) {
    subs[i] = connected(context, ZMQ_SUB, url);
    if (subs[i] == NULL) return 1;
    if (prefixes == 0) zmq_setsockopt(subs[i], ZMQ_SUBSCRIBE, "", 0);
    for (long own = 0; own < prefixes; own++)
      zmq_setsockopt(subs[i], ZMQ_SUBSCRIBE, topic, topic_of(topic, sizeof topic, i * prefixes + own));
  }
  void *changing = changes > 0 ? connected(context, ZMQ_SUB, url) : NULL;
  printf("{}\n");
  long received = 0, aside = 0, changed = 0;
  double start = now_ms();
  struct pollfd asked = {.fd = STDIN_FILENO, .events = POLLIN};
  for (;;) {
    for (long i = 0; i < subscribers; i++) received += drain(subs[i]);
    if (changing != NULL) {
      for (; changed < (now_ms() - start) / 1e3 * changes; changed++) change(changing, changed, subscribers * prefixes);
      aside += drain(changing);
    }
    if (poll(&asked, 1, 0) > 0) {
      if (fgets(line, sizeof line, stdin) == NULL) return 0;
      printf("{\"received\":%ld,\"aside\":%ld}\n", received, aside);
      received = aside = 0;
    }
    rest(LOOK_MS);
  }
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  prctl(PR_SET_TIMERSLACK, 1);
  void *context = zmq_ctx_new();
  if (argc == 3 && strcmp(argv[1], "publish") == 0) return publish(context, argv[2]);
  if (argc == 6 && strcmp(argv[1], "subscribe") == 0)
    return subscribe(context, argv[2], atol(argv[3]), atol(argv[4]), atof(argv[5]));
  return 2;
}
