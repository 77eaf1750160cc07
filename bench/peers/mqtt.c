// Datagrams to an MQTT broker and back, QoS 0, on libmosquitto.
// mqtt in PORT BROKER TOPIC | mqtt out BROKER TOPIC PORT, each as one would write it; BROKER is a port of 127.0.0.1.
// With 'tuned' at the end: a receive buffer of 4 MiB, recvmmsg, and TCP_NODELAY.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <mosquitto.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// The input's side sends no PING: no trial lets it rest for an hour.
enum { DATAGRAMS = 64, RECEIVE_BUFFER = 4 * 1024 * 1024, KEEPALIVE_S = 3600 };
static int tuned;

static struct mosquitto *connected(const char *broker, void *user) {
  struct mosquitto *client = mosquitto_new(NULL, true, user);
  if (tuned) mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  return mosquitto_connect(client, "127.0.0.1", atoi(broker), KEEPALIVE_S) == MOSQ_ERR_SUCCESS ? client : NULL;
}

static int udp(const char *port, struct sockaddr_in *address) {
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons(atoi(port));
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return socket(AF_INET, SOCK_DGRAM, 0);
}

static char datagrams[DATAGRAMS][65536];
static struct mmsghdr batch[DATAGRAMS];

static void prepare(void) {
  static struct iovec parts[DATAGRAMS];
  for (int i = 0; i < DATAGRAMS; i++) {
    parts[i] = (struct iovec){datagrams[i], sizeof datagrams[i]};
    batch[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
}

// Publishes the datagrams that are there: one, or a batch of them.
static int publish(int from, struct mosquitto *client, const char *topic) {
  int count = recvmmsg(from, batch, tuned ? DATAGRAMS : 1, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++)
    mosquitto_publish(client, NULL, topic, batch[i].msg_len, datagrams[i], 0, false);
  return count;
}

static int in(const char *port, const char *broker, const char *topic) {
  struct sockaddr_in address;
  int from = udp(port, &address), size = RECEIVE_BUFFER;
  if (tuned) setsockopt(from, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(from, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  struct mosquitto *client = connected(broker, NULL);
  if (client == NULL) return 1;
  prepare();
  for (;;) {
    // The library's queue has no limit: datagrams wait with the kernel instead while the broker takes nothing.
    int held = mosquitto_want_write(client);
    struct pollfd ready[] = {
        {.fd = held ? -1 : from, .events = POLLIN},
        {.fd = mosquitto_socket(client), .events = held ? POLLOUT | POLLIN : POLLIN},
    };
    if (poll(ready, 2, -1) < 0) return 1;
    if (ready[1].revents & POLLOUT) mosquitto_loop_write(client, 1);
    if (ready[1].revents & POLLIN && mosquitto_loop_read(client, 1) != MOSQ_ERR_SUCCESS) return 1;
    if (ready[0].revents != 0 && publish(from, client, topic) < 0) return 1;
  }
}

static void on_message(struct mosquitto *client, void *to, const struct mosquitto_message *message) {
  (void)client;
  send(*(int *)to, message->payload, message->payloadlen, 0);
}

static int out(const char *broker, const char *topic, const char *port) {
  struct sockaddr_in address;
  int to = udp(port, &address);
  connect(to, (struct sockaddr *)&address, sizeof address);
  struct mosquitto *client = connected(broker, &to);
  if (client == NULL) return 1;
  mosquitto_message_callback_set(client, on_message);
  mosquitto_subscribe(client, NULL, topic, 0);
  return mosquitto_loop_forever(client, -1, 1) == MOSQ_ERR_SUCCESS ? 0 : 1;
}

int main(int argc, char **argv) {
  tuned = argc > 1 && strcmp(argv[argc - 1], "tuned") == 0;
  if (argc - tuned != 5) return 2;
  mosquitto_lib_init();
  if (strcmp(argv[1], "in") == 0) return in(argv[2], argv[3], argv[4]);
  if (strcmp(argv[1], "out") == 0) return out(argv[2], argv[3], argv[4]);
  return 2;
}
