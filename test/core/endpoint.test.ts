import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  formatEndpoint,
  hostOfBusUrl,
  isMulticast,
  parseBusUrl,
  parseDestination,
  parseListenAddress,
} from '../../src/core/endpoint.ts'
import { UsageError } from '../../src/core/errors.ts'

test('a port alone listens on 127.0.0.1, as in AIT', () => {
  assert.deepEqual(parseListenAddress('3076'), { host: '127.0.0.1', port: 3076 })
  assert.deepEqual(parseListenAddress('0'), { host: '127.0.0.1', port: 0 })
  assert.deepEqual(parseListenAddress('65535'), { host: '127.0.0.1', port: 65535 })
})

test('a host and a port are read as names, v4 and v6 addresses, and written the same', () => {
  for (const text of [
    'display:3077',
    '10.0.0.1:1',
    '[::1]:65535',
    '[fe80::1%eth0]:9',
    '0.0.0.0:5',
    'a-b.c:7',
  ]) {
    assert.equal(formatEndpoint(parseDestination(text)), text)
    assert.equal(formatEndpoint(parseListenAddress(text)), text)
  }
})

test('what is no address is refused, with its text and its form', () => {
  const wrong = [
    '',
    ':1',
    'a:',
    'a',
    'a:b',
    'a:-1',
    'a:65536',
    'a:1:2',
    '::1:80',
    '[::1]',
    '[x]:1',
    '[10.0.0.1]:1',
  ]
  for (const text of [
    ...wrong,
    '1.2.3:4',
    '256.1.1.1:4',
    '1.2.3.4.5:6',
    'a b:1',
    'u@h:1',
    'http://h:1',
    'a:0x10',
  ]) {
    for (const parse of [parseDestination, parseListenAddress]) {
      assert.throws(
        () => parse(text),
        error => error instanceof UsageError && error.message.startsWith(`'${text}' is not of the form `),
        text,
      )
    }
  }
  assert.throws(() => parseDestination('a:0'), UsageError)
})

test('multicast addresses are told from others', () => {
  for (const host of ['224.0.0.1', '239.255.255.255', 'ff02::1', 'FF05::2%eth0'])
    assert(isMulticast(host), host)
  for (const host of ['223.1.1.1', '240.0.0.1', '127.0.0.1', 'fe80::1', 'ff.example', '2390.1.1.1'])
    assert(!isMulticast(host), host)
})

test('a star in a bus URL is every interface to bind, and this host to connect', () => {
  assert.equal(parseBusUrl('tcp://*:5559', 'bind'), 'tcp://*:5559')
  assert.equal(parseBusUrl('tcp://*:5559', 'connect'), 'tcp://127.0.0.1:5559')
})

test('a free port is asked for by a star or a 0, to bind only', () => {
  assert.equal(parseBusUrl('tcp://127.0.0.1:*', 'bind'), 'tcp://127.0.0.1:*')
  assert.equal(parseBusUrl('tcp://127.0.0.1:0', 'bind'), 'tcp://127.0.0.1:*')
  for (const text of ['tcp://127.0.0.1:*', 'tcp://127.0.0.1:0'])
    assert.throws(() => parseBusUrl(text, 'connect'), UsageError)
})

test('a bus URL is tcp or ipc', () => {
  for (const text of ['tcp://host.example:1', 'tcp://[::1]:5559', 'ipc:///run/bus.sock', 'ipc://@abstract'])
    assert.equal(parseBusUrl(text, 'connect'), text)
  for (const text of [
    '',
    'host:1',
    'udp://h:1',
    'tcp://h',
    'tcp://h:99999',
    'tcp://:1',
    'tcp://::1:5',
    'tcp://[x]:1',
    'ipc://',
    'tcp://h:1/x',
  ])
    assert.throws(() => parseBusUrl(text, 'connect'), UsageError, text)
  assert.equal(hostOfBusUrl('tcp://[::1]:5'), '::1')
  assert.equal(hostOfBusUrl('tcp://host:5'), 'host')
  assert.equal(hostOfBusUrl('tcp://*:5'), undefined)
  assert.equal(hostOfBusUrl('ipc:///x'), undefined)
})
