// The chain as one would write it in C on libzmq: what of the cost is neither Python's nor JavaScript's.
// chain in PORT XSUB TOPIC | chain forward XSUB XPUB | chain out XPUB TOPIC PORT
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <zmq.h>

static int udp(const char *port, struct sockaddr_in *address) {
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons(atoi(port));
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return socket(AF_INET, SOCK_DGRAM, 0);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  void *context = zmq_ctx_new();
  struct sockaddr_in address;
  if (strcmp(argv[1], "forward") == 0) {
    void *xsub = zmq_socket(context, ZMQ_XSUB), *xpub = zmq_socket(context, ZMQ_XPUB);
    if (zmq_bind(xsub, argv[2]) != 0 || zmq_bind(xpub, argv[3]) != 0) return 1;
    return zmq_proxy(xsub, xpub, NULL) == 0 ? 0 : 1;
  }
  if (argc < 5) return 2;
  if (strcmp(argv[1], "in") == 0) {
    int from = udp(argv[2], &address);
    if (bind(from, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    void *pub = zmq_socket(context, ZMQ_PUB);
    zmq_connect(pub, argv[3]);
    for (char datagram[65536];;) {
      ssize_t size = recv(from, datagram, sizeof datagram, 0);
      if (size < 0) return 1;
      zmq_send(pub, argv[4], strlen(argv[4]), ZMQ_SNDMORE);
      zmq_send(pub, datagram, size, 0);
    }
  }
  int to = udp(argv[4], &address);
  connect(to, (struct sockaddr *)&address, sizeof address);
  void *sub = zmq_socket(context, ZMQ_SUB);
  zmq_connect(sub, argv[2]);
  zmq_setsockopt(sub, ZMQ_SUBSCRIBE, argv[3], strlen(argv[3]));
  for (zmq_msg_t message;;) {
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, sub, 0) < 0) return 1;
    if (!zmq_msg_more(&message)) send(to, zmq_msg_data(&message), zmq_msg_size(&message), 0);
    zmq_msg_close(&message);
  }
}
