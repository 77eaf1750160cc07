import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFrame, decodePayload } from '../../../src/core/wire/codec.ts'
import { Float64, Tuple, type Payload } from '../../../src/core/wire/payload.ts'
import { readPickle } from '../../../src/core/wire/pickle.ts'
import { vectorPayload, wireVectors } from '../../helpers/wire-vectors.ts'

/** A pickle from text, one byte per character. */
function pickle(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

for (const { name, value, pickle } of wireVectors()) {
  if (pickle === undefined) continue
  test(`vector ${name}: the pickle is its value`, () => {
    const frame = Buffer.from(pickle, 'hex')
    const payload = vectorPayload(value)
    assert.deepEqual(decodeFrame(frame, 'pickle'), { codec: 'pickle', payload })
    assert.deepEqual(decodePayload(frame, 'pickle'), payload)
    if (frame[0] === 0x80) assert.deepEqual(decodeFrame(frame, 'auto'), { codec: 'pickle', payload })
  })
}

const readable: [name: string, text: string, payload: Payload][] = [
  ['False and True of protocol 0', '(I00\nI01\nl.', [false, true]],
  ['a long of protocol 0', 'L18446744073709551616L\n.', 2n ** 64n],
  ['a long of no bytes', '\x80\x02\x8a\x00.', 0],
  ['a long of four bytes of length', '\x80\x02\x8b\x02\0\0\0\0\x80.', -32768],
  [
    'floats of protocol 0',
    '(F1.5\nF2.0\nF-inf\nF1e+300\nl.',
    [1.5, new Float64(2), -Infinity, new Float64(1e300)],
  ],
  ['nan of protocol 0', 'Fnan\n.', Number.NaN],
  ['escaped text', 'Va\\u005cb\\U0001f680\xe9\n.', 'a\\b🚀é'],
  ['a dict of protocol 0', '(dp0\nVk\nI1\ns.', new Map([['k', 1]])],
  ['a dict of items before it', '(Vk\nI1\nd.', new Map([['k', 1]])],
  ['a bytearray of protocol 5', '\x80\x05\x96\x02\0\0\0\0\0\0\0\x01\x02.', Buffer.from([1, 2])],
  [
    'a datetime of Python 2, its bytes as text',
    'cdatetime\ndatetime\n(V\\u0007\xea\x0b\x16\x0c\x22\x38\x0c\\u000a\x14\ntR.',
    vectorPayload({ datetime: '2026-11-22T12:34:56.789012' }),
  ],
]

for (const [name, text, payload] of readable) {
  test(`read: ${name}`, () => assert.deepEqual(readPickle(pickle(text)), payload))
}

const unreadable: [why: string, text: string][] = [
  ['nothing', ''],
  ['no end', 'N'],
  ['something after its end', 'N.N'],
  ['two values', 'NN.'],
  ['no value', '.'],
  ['an open mark', '(N.'],
  ['no mark', 'Nt.'],
  ['a tuple below its mark', '\x80\x02N(\x85.'],
  ['an append to what is no list', 'NNa.'],
  ['an append below a mark', ']N(a.'],
  ['a key without a value', '}(Nu.'],
  ['a reference to nothing', 'g0\n.'],
  ['a memo of nothing', '\x80\x04\x94.'],
  ['a protocol of the future', '\x80\x06N.'],
  ['a second PROTO', '\x80\x02\x80\x02N.'],
  ['a frame beyond the end', '\x80\x04\x95\xff\0\0\0\0\0\0\0N.'],
  ['bytes beyond the end', '\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffN.'],
  ['a long beyond the end', '\x80\x02\x8b\xff\xff\xff\xffN.'],
  ['a malformed int', 'Ix\n.'],
  ['a malformed float', 'F0x10\n.'],
  ['an int of a million digits', `I${'9'.repeat(1e6)}\n.`],
  ['text that is not UTF-8', '\x80\x04\x8c\x01\xff.'],
  ['text with half of a pair', 'V\\ud800\n.'],
  ['text beyond Unicode', 'V\\Uffffffff\n.'],
  ['a name alone', 'cdatetime\ndatetime\n.'],
  ['a name within a value', '(cdatetime\ndatetime\nl.'],
  ['a timedelta, which is no payload', 'cdatetime\ntimedelta\n(I0\nI1\nI2\ntR.'],
  ['a timezone by itself', 'cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI1\nI0\ntRtR.'],
  [
    'a timezone of two days',
    'cdatetime\ndatetime\n(cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I2\nI1\nI0\ntRtRtR.',
  ],
  [
    'a datetime of a month that is not',
    'cdatetime\ndatetime\n(V\x07\xea\x0f\x16\x0c\x22\x38\x0c\\u000a\x14\ntR.',
  ],
  ['a date', 'cdatetime\ndate\n(V\x07\xea\x0b\x16\ntR.'],
  ['a list that holds itself', '(lp0\ng0\na.'],
  ['a map that holds itself', '(dp0\nVk\ng0\ns.'],
]

for (const [why, text] of unreadable) {
  test(`unreadable: ${why}`, () => assert.equal(readPickle(pickle(text)), undefined))
}

/** Pickles that run `touch pwned` and the like when Python unpickles them, one for each way to call something. */
const malicious: [how: string, text: string][] = [
  ['GLOBAL and REDUCE, os.system', 'cos\nsystem\n(Vtouch pwned\ntR.'],
  ['GLOBAL and REDUCE, posix.system', 'cposix\nsystem\n(Vtouch pwned\ntR.'],
  ['GLOBAL and REDUCE, eval', 'c__builtin__\neval\n(V1+1\ntR.'],
  ['GLOBAL and REDUCE, builtins.exec', 'cbuiltins\nexec\n(Vpass\ntR.'],
  ['GLOBAL and REDUCE, getattr', 'c__builtin__\ngetattr\n(cdatetime\ndatetime\nVnow\ntR.'],
  ['GLOBAL and REDUCE, __import__', 'c__builtin__\n__import__\n(Vos\ntR.'],
  ['GLOBAL of a dotted name', 'cdatetime\ndatetime.now\n(tR.'],
  ['REDUCE of a REDUCE', 'cdatetime\ndatetime\n(tR(tR.'],
  ['_codecs.encode with another codec', 'c_codecs\nencode\n(Vx\nVzip\ntR.'],
  ['_codecs.lookup', 'c_codecs\nlookup\n(Vlatin1\ntR.'],
  ['builtins.bytes of a number, to fill the memory', 'c__builtin__\nbytes\n(I9999999999\ntR.'],
  ['builtins.bytearray of a number', 'c__builtin__\nbytearray\n(I9999999999\ntR.'],
  ['copyreg._reconstructor', 'ccopy_reg\n_reconstructor\n(c__main__\nX\nc__builtin__\nobject\nNtR.'],
  ['INST', '(Vtouch pwned\nios\nsystem\n.'],
  ['OBJ', '(cos\nsystem\nVtouch pwned\no.'],
  ['NEWOBJ', 'csubprocess\nPopen\n(Vtouch pwned\nt\x81.'],
  ['NEWOBJ_EX', 'csubprocess\nPopen\n(Vtouch pwned\nt}\x92.'],
  ['BUILD', '(dVx\nI1\nsb.'],
  ['BUILD of a class', 'cdatetime\ndatetime\n(dVx\nI1\nsb.'],
  ['PERSID', 'Pid\n.'],
  ['BINPERSID', 'Vid\nQ.'],
  ['EXT1', '\x82\x01.'],
  ['EXT2', '\x83\x01\x00.'],
  ['EXT4', '\x84\x01\x00\x00\x00.'],
  ['STACK_GLOBAL and REDUCE', '\x8c\x02os\x8c\x06system\x93\x8c\x0btouch pwned\x85R.'],
  ['STACK_GLOBAL of a constructor as a value', '\x8c\x08builtins\x8c\x04eval\x93.'],
  ['STACK_GLOBAL of what is no text', 'NN\x93.'],
  ['NEXT_BUFFER', '\x97.'],
  ['DUP and POP around a call', 'cos\nsystem\n(Vtouch pwned\ntR20.'],
  ['a set', '\x8f(K\x01\x90.'],
]

/** Pickles the pickle again as bytes, like AIT 2 does with a packet handler's output. */
function twice(inner: Buffer): Buffer {
  return Buffer.concat([pickle('\x80\x03C'), Buffer.from([inner.length]), inner, pickle('.')])
}

for (const [how, text] of malicious) {
  test(`runs nothing: ${how}, in every protocol`, () => {
    for (let protocol = 0; protocol <= 5; protocol++) {
      const frame = pickle((protocol < 2 ? '' : `\x80${String.fromCharCode(protocol)}`) + text)
      assert.deepEqual(decodeFrame(frame, 'pickle'), {
        codec: 'raw',
        payload: frame,
        problem: 'unreadable pickle',
      })
      assert.equal(decodePayload(frame, 'pickle'), frame)
      const auto = decodeFrame(frame, 'auto')
      assert.equal(auto.payload, frame)
      assert.equal(auto.problem, protocol < 2 ? undefined : 'unreadable pickle')
      assert.deepEqual(decodePayload(twice(frame), 'auto'), frame)
    }
  })
}

test('a pickle whose references unfold to more than memory holds is unreadable, without being unfolded', () => {
  // Each list holds the one before it ten times: ten to the ninetieth items.
  const lists = Array.from({ length: 90 }, (_, n) => `(lp${n + 1}\n${`g${n}\na`.repeat(10)}`)
  assert.equal(readPickle(pickle(`((lp0\n${lists.join('')}l.`)), undefined)
  const text = 'x'.repeat(100_000)
  assert.equal(readPickle(pickle(`(V${text}\np0\n${'g0\n'.repeat(1000)}l.`)), undefined)
})

test('None, twice pickled, is None', () => {
  assert.equal(readPickle(pickle('\x80\x04C\x04\x80\x02N..')), null)
  assert.equal(decodePayload(pickle('\x80\x02N.'), 'auto'), null)
})

test('references that a real pickle has are read', () => {
  const read = readPickle(pickle(`(Vtext\np0\n${'g0\n'.repeat(1000)}l.`))
  assert.deepEqual(
    read,
    Array.from({ length: 1001 }, () => 'text'),
  )
})

test('stack, marks, memo and depth have an end', () => {
  const million = 1_000_000
  assert.equal(readPickle(pickle(`(${'N'.repeat(million)}t.`)), undefined)
  assert.equal(readPickle(pickle('('.repeat(million))), undefined)
  assert.equal(readPickle(pickle(`\x80\x04N${'\x94'.repeat(million)}.`)), undefined)
  assert.equal(readPickle(pickle(`\x80\x02)${'\x85'.repeat(million)}.`)), undefined)
  assert.equal(readPickle(pickle(`\x80\x02N${'\x85'.repeat(101)}.`)), undefined)
  assert.ok(readPickle(pickle(`\x80\x02N${'\x85'.repeat(100)}.`)) instanceof Tuple)
})
