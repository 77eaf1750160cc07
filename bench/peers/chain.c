// The chain in C on libzmq: its cost is neither Python's nor JavaScript's.
// chain in PORT XSUB TOPIC | chain forward XSUB XPUB | chain out XPUB TOPIC PORT, each as one would write it.
// With 'tuned' at the end: a receive buffer of 4 MiB, recvmmsg, and high-water marks of 100,000.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zmq.h>

enum { BATCH = 64, RECEIVE_BUFFER = 4 * 1024 * 1024, HIGH_WATER_MARK = 100000 };
static int tuned;

static void *zmq(void *context, int type) {
  void *socket = zmq_socket(context, type);
  int mark = HIGH_WATER_MARK;
  if (tuned) {
    zmq_setsockopt(socket, ZMQ_SNDHWM, &mark, sizeof mark);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, sizeof mark);
  }
  return socket;
}

static int udp(const char *port, struct sockaddr_in *address) {
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons(atoi(port));
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return socket(AF_INET, SOCK_DGRAM, 0);
}

static void publish(void *pub, const char *topic, const void *datagram, size_t size) {
  zmq_send(pub, topic, strlen(topic), ZMQ_SNDMORE);
  zmq_send(pub, datagram, size, 0);
}

static int one_by_one(int from, void *pub, const char *topic) {
  for (char datagram[65536];;) {
    ssize_t size = recv(from, datagram, sizeof datagram, 0);
    if (size < 0) return 1;
    publish(pub, topic, datagram, size);
  }
}

static int in_batches(int from, void *pub, const char *topic) {
  static char datagrams[BATCH][65536];
  struct iovec parts[BATCH];
  struct mmsghdr batch[BATCH];
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){datagrams[i], sizeof datagrams[i]};
    batch[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  for (;;) {
    int count = recvmmsg(from, batch, BATCH, MSG_WAITFORONE, NULL);
    if (count < 0) return 1;
    for (int i = 0; i < count; i++) publish(pub, topic, datagrams[i], batch[i].msg_len);
  }
}

static int in(void *context, const char *port, const char *xsub, const char *topic) {
  struct sockaddr_in address;
  int from = udp(port, &address), size = RECEIVE_BUFFER;
  if (tuned) setsockopt(from, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(from, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  void *pub = zmq(context, ZMQ_PUB);
  zmq_connect(pub, xsub);
  return tuned ? in_batches(from, pub, topic) : one_by_one(from, pub, topic);
}

static int forward(void *context, const char *at_xsub, const char *at_xpub) {
  void *xsub = zmq(context, ZMQ_XSUB), *xpub = zmq(context, ZMQ_XPUB);
  if (zmq_bind(xsub, at_xsub) != 0 || zmq_bind(xpub, at_xpub) != 0) return 1;
  return zmq_proxy(xsub, xpub, NULL) == 0 ? 0 : 1;
}

static int out(void *context, const char *xpub, const char *topic, const char *port) {
  struct sockaddr_in address;
  int to = udp(port, &address);
  connect(to, (struct sockaddr *)&address, sizeof address);
  void *sub = zmq(context, ZMQ_SUB);
  zmq_connect(sub, xpub);
  zmq_setsockopt(sub, ZMQ_SUBSCRIBE, topic, strlen(topic));
  for (zmq_msg_t message;;) {
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, sub, 0) < 0) return 1;
    if (!zmq_msg_more(&message)) send(to, zmq_msg_data(&message), zmq_msg_size(&message), 0);
    zmq_msg_close(&message);
  }
}

int main(int argc, char **argv) {
  tuned = argc > 1 && strcmp(argv[argc - 1], "tuned") == 0;
  int words = argc - tuned;
  void *context = zmq_ctx_new();
  if (words == 4 && strcmp(argv[1], "forward") == 0) return forward(context, argv[2], argv[3]);
  if (words == 5 && strcmp(argv[1], "in") == 0) return in(context, argv[2], argv[3], argv[4]);
  if (words == 5 && strcmp(argv[1], "out") == 0) return out(context, argv[2], argv[3], argv[4]);
  return 2;
}
