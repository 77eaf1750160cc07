// A network namespace of its own has only the routes that the test makes, and every port is free.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shell } from '../helpers/groundwire.ts'
import { isolated, noNamespace } from '../helpers/isolated.ts'
import { closedLedger } from '../helpers/ledger.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

test('simulate to where there is no route loses its packets, says so once, and ends in order', {
  skip: noNamespace,
}, async t => {
  const file = temporaryFolder(t).path('ledger.json')
  const line = `groundwire simulate --to 10.9.9.9:30077 --rate max --count 5 --ledger ${file} --fail-on-loss`
  const { code, stderr } = await shell(t, isolated(`${line}; exit $?`)).exit
  assert.match(stderr, /^simulate: ready: sending APID 42 to UDP 10\.9\.9\.9:30077$/m)
  assert.match(
    stderr,
    /^simulate: warning: lost a message \(undeliverable\): UDP 10\.9\.9\.9:30077 cannot be reached \(no route\)$/m,
  )
  assert.equal(stderr.match(/no route/g)?.length, 1)
  assert.doesNotMatch(stderr, /defect/)
  assert.equal(code, 6)
  const { received, sent, lost } = closedLedger(file)
  assert.deepEqual([received.messages, sent.messages, lost.undeliverable], [5, 0, 5])
})

test('simulate and udp-out send as soon as there is a route, and again after it was gone', {
  skip: noNamespace,
}, async t => {
  const folder = temporaryFolder(t)
  const [log, out, packets] = ['simulate.err', 'udp-out.err', 'packets'].map(name => folder.path(name))
  const { code, stderr } = await shell(
    t,
    isolated(`
groundwire proxy 2> ${folder.path('proxy.err')} & proxy=$!
until_says ${folder.path('proxy.err')} ready
groundwire udp-in 0.0.0.0:30077 telem -q & udp_in=$!
groundwire udp-out telem --to 10.9.9.9:30078 2> ${out} & udp_out=$!
groundwire simulate --to 10.9.9.8:30077 --rate 50 2> ${log} & simulate=$!
until_says ${log} "10.9.9.8:30077 cannot be reached (no route)"
ip address add 10.9.9.8/32 dev lo
until_says ${out} "10.9.9.9:30078 cannot be reached (no route)"
for round in 1 2; do
  ip address add 10.9.9.9/32 dev lo
  groundwire udp-in 10.9.9.9:30078 far -q & far=$!
  groundwire tap far -c 3 -f hex -W 30 -q >> ${packets} || exit 9
  kill $far; wait $far
  ip address del 10.9.9.9/32 dev lo
done
kill $simulate; wait $simulate; echo $?
kill $udp_out; wait $udp_out; echo $?
kill $udp_in $proxy; wait`),
  ).exit
  assert.equal(
    code,
    0,
    stderr + folder.read('simulate.err').toString() + folder.read('udp-out.err').toString(),
  )
  assert.match(folder.read('packets').toString(), /^(082a[\da-f]{124}\n){6}$/)
  assert.doesNotMatch(folder.read('udp-out.err').toString(), /Port should be|defect/)
})
