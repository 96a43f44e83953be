/*
A small SMSC on npm `smpp`, for tests that need a carrier that is not ours.

    node smsc.js --port 0 [--host 127.0.0.1] [--system-id S --password P] [--quiet-submits FILE]
                 [--tls-key FILE --tls-cert FILE] [--set NAME=VALUE]...          (also as --name=value)

It writes one JSON object per line to stdout, {"event": ...}:
    listening {port}                    bind {session, mode, system_id, status}
    submit {id, session, sequence, from, to, short_message_hex, data_coding, esm_class, registered_delivery,
            validity_period, service_type, source_addr_ton, ..., tlvs, status}
    answered {kind, id, status}         a deliver_sm_resp to a receipt ("receipt") or an inbound message ("inbound")
    closed {session}   unbound {session}   nacked {session, status}   error {session, message}
    done {do, ...}                      a line from stdin was carried out
With --quiet-submits the submits go to that file in batches instead, one line each, and `answered` is not written.

It reads one JSON object per line from stdin; the end of stdin ends the process.
    {"set": {NAME: VALUE, ...}}         change settings (below)
    {"do": "release"}                   answer every submit that was withheld
    {"do": "drop", "mode"}              destroy all connections, or those that are bound as transmitter, receiver, ...
    {"do": "deafen"}                    read nothing more from the connections there are, and keep them open
    {"do": "unbind"}                    send unbind on every session
    {"do": "inbound", "from", "to", "text" | "hex", "data_coding", "esm_class", "tlvs", "copies"}
    {"do": "garbage", "hex"}            write these octets to every connection
    {"do": "close"} {"do": "open"}      stop listening (and drop), listen again on the same port
    {"do": "outbind", "host", "port", "system_id", "password"}    connect there, say outbind, and be bound to
    {"do": "stats"}                     {"event": "stats", submits, answers, receipts, receipts_answered, waiting, ...}
    {"do": "flush"}                     write the submits file out now

A receipt is sent to the session of its submit, or, when that is gone, to any that is bound as receiver; one that is
unanswered when its session ends, or refused, is sent again. So every receipt that was asked for is answered in the
end, as with a real carrier.
*/
'use strict';

const fs = require('fs');
const readline = require('readline');
const smpp = require('smpp');

const settings = {
  answer: 'now', // now | never (withheld until "release")
  answer_delay_ms: 0,
  answer_enquire_link: true,
  refuse_binds: 0, // command_status for binds; 0 accepts
  refuse_next_binds: 0, // how many binds to refuse with `refuse_status`
  refuse_status: 0x0d,
  throttle_next: 0, // how many submits to answer with 0x58
  fail_next: 0, // how many submits to answer with `fail_status`
  fail_status: 0x08,
  receipts: true,
  receipt_delay_ms: 50,
  receipt_first: false, // the receipt before the answer to its submit
  receipt_copies: 1,
  receipt_tlvs: true,
  receipt_retry_ms: 200,
  stat: 'DELIVRD',
  err: '000',
  outcomes: {}, // {destination suffix: {stat, err, status, answer}}: what becomes of messages to these numbers
  drop_after: 0, // destroy all connections on the n-th submit from now, which stays unanswered
  id_format: 'decimal', // decimal | hex | hex_then_decimal (hex in the answer, decimal in the receipt)
  first_id: 1,
  query_state: 0, // message_state in the answer to query_sm; 0: it is not known
  window: 100, // unanswered deliveries per session
};

const MESSAGE_STATES = { ENROUTE: 1, DELIVRD: 2, EXPIRED: 3, DELETED: 4, UNDELIV: 5, ACCEPTD: 6, UNKNOWN: 7, REJECTD: 8 };
const BINDS = { bind_transmitter: [false, 'transmitter'], bind_receiver: [true, 'receiver'], bind_transceiver: [true, 'transceiver'] };
const HEADER = new Set(['command', 'command_length', 'command_id', 'command_status', 'sequence_number']);

// The tests compare octets, so nothing is decoded: short_message, message_payload and times stay as they are.
for (const command of ['submit_sm', 'deliver_sm']) {
  for (const parameter of Object.values(smpp.commands[command].params)) delete parameter.filter;
}
delete smpp.tlvs.message_payload.filter;

const counts = { binds: 0, submits: 0, answers: 0, receipts: 0, receipts_answered: 0, inbound_answered: 0, nacked: 0 };
const sessions = new Map(); // number -> {session, receives, queue, open}
const orphans = []; // deliveries without a session
const withheld = [];
let lastSession = 0;
let nextId = null;
let submitsFile = null;
let submitLines = [];

function say(event, fields) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');
}

/* Arguments */

function parseArguments(words) {
  const given = { port: '2775', host: '127.0.0.1', sets: [] };
  for (let at = 0; at < words.length; at++) {
    const [, name, joined] = words[at].match(/^--([a-z-]+)(?:=(.*))?$/s) || [];
    const value = joined !== undefined ? joined : words[++at];
    if (name === undefined || value === undefined) throw Error(`not understood: ${words[at]}`);
    if (name === 'set') given.sets.push(value);
    else given[name] = value;
  }
  for (const pair of given.sets) {
    const at = pair.indexOf('=');
    const text = pair.slice(at + 1);
    let value = text;
    try { value = JSON.parse(text); } catch { /* a bare word is a string */ }
    change({ [pair.slice(0, at)]: value });
  }
  return given;
}

function change(values) {
  for (const [name, value] of Object.entries(values)) {
    if (!(name in settings)) throw Error(`no such setting: ${name}`);
    settings[name] = value;
  }
}

/* Submits */

function messageId() {
  if (nextId === null) nextId = settings.first_id;
  const number = nextId++;
  const hex = number.toString(16).toUpperCase().padStart(8, '0');
  const decimal = String(number).padStart(10, '0');
  if (settings.id_format === 'hex') return { answered: hex, receipted: hex };
  if (settings.id_format === 'hex_then_decimal') return { answered: hex, receipted: String(number) };
  return { answered: decimal, receipted: decimal };
}

function outcomeOf(pdu) {
  const suffix = Object.keys(settings.outcomes).find((ending) => pdu.destination_addr.endsWith(ending));
  return { stat: settings.stat, err: settings.err, status: 0, ...(suffix === undefined ? {} : settings.outcomes[suffix]) };
}

function statusOfNextSubmit() {
  if (settings.throttle_next > 0) { settings.throttle_next--; return 0x58; }
  if (settings.fail_next > 0) { settings.fail_next--; return settings.fail_status; }
  return 0;
}

function describe(pdu, entry, id, status) {
  const fields = { id, session: entry.number, sequence: pdu.sequence_number, status, from: pdu.source_addr, to: pdu.destination_addr };
  const tlvs = {};
  for (const [name, value] of Object.entries(pdu)) {
    if (HEADER.has(name) || name === 'source_addr' || name === 'destination_addr') continue;
    if (name === 'short_message') fields.short_message_hex = value.toString('hex');
    else if (name in smpp.commands.submit_sm.params) fields[name] = value;
    else tlvs[name] = Buffer.isBuffer(value) ? value.toString('hex') : value;
  }
  fields.tlvs = tlvs;
  return fields;
}

function reportSubmit(fields) {
  if (submitsFile === null) { say('submit', fields); return; }
  submitLines.push(JSON.stringify(fields));
  if (submitLines.length === 1) setTimeout(flushSubmits, 50);
}

function flushSubmits() {
  if (submitsFile === null || submitLines.length === 0) return;
  fs.writeSync(submitsFile, submitLines.join('\n') + '\n');
  submitLines = [];
}

function onSubmit(entry, pdu) {
  const outcome = outcomeOf(pdu);
  const status = statusOfNextSubmit() || outcome.status;
  const id = status ? { answered: '', receipted: '' } : messageId();
  counts.submits++;
  reportSubmit(describe(pdu, entry, id.answered, status));
  const answer = () => {
    counts.answers++;
    entry.session.send(pdu.response(status ? { command_status: status } : { message_id: id.answered }));
  };
  if (!status && settings.receipts && wantsReceipt(pdu, outcome)) {
    if (settings.receipt_first) sendReceipts(entry, pdu, id.receipted, outcome);
    else setTimeout(sendReceipts, settings.receipt_delay_ms, entry, pdu, id.receipted, outcome);
  }
  if (settings.drop_after > 0 && --settings.drop_after === 0) { orders.drop(); return; }
  if (settings.answer === 'never' || outcome.answer === 'never') withheld.push(answer);
  else if (settings.answer_delay_ms > 0) setTimeout(answer, settings.answer_delay_ms);
  else if (settings.receipt_first) setTimeout(answer, settings.receipt_delay_ms);
  else answer();
}

/* Deliveries: receipts and inbound messages */

function wantsReceipt(pdu, outcome) {
  const asked = pdu.registered_delivery & 3; // SMPP 3.4, 5.2.17: 1 always, 2 when it was not delivered
  return asked === 1 || (asked === 2 && outcome.stat !== 'DELIVRD');
}

function receiptTime() {
  return new Date().toISOString().replace(/\D/g, '').slice(2, 12); // YYMMDDhhmm
}

function sendReceipts(entry, submit, id, { stat, err }) {
  const time = receiptTime();
  const text = `id:${id} sub:001 dlvrd:${stat === 'DELIVRD' ? '001' : '000'} submit date:${time} done date:${time} ` +
    `stat:${stat} err:${err} text:`;
  const fields = {
    source_addr_ton: submit.dest_addr_ton, source_addr_npi: submit.dest_addr_npi, source_addr: submit.destination_addr,
    dest_addr_ton: submit.source_addr_ton, dest_addr_npi: submit.source_addr_npi, destination_addr: submit.source_addr,
    esm_class: 4, data_coding: 0, short_message: Buffer.from(text + submit.short_message.toString('latin1').slice(0, 20), 'latin1'),
  };
  if (settings.receipt_tlvs) {
    fields.receipted_message_id = id;
    fields.message_state = MESSAGE_STATES[stat] || 5;
  }
  for (let copy = 0; copy < settings.receipt_copies; copy++) {
    counts.receipts++;
    enqueue({ kind: 'receipt', id, fields }, entry);
  }
}

function enqueue(delivery, wanted) {
  let entry = wanted && sessions.has(wanted.number) && wanted.receives ? wanted : null;
  if (entry === null) entry = [...sessions.values()].find((each) => each.receives) || null;
  if (entry === null) { orphans.push(delivery); return; }
  entry.queue.push(delivery);
  deliver(entry);
}

function deliver(entry) {
  while (entry.queue.length > 0 && entry.open.size < settings.window && entry.session.socket.writable) {
    const delivery = entry.queue.shift();
    entry.open.add(delivery);
    entry.session.deliver_sm({ ...delivery.fields }, (resp) => onDelivered(entry, delivery, resp));
  }
}

function onDelivered(entry, delivery, resp) {
  entry.open.delete(delivery);
  if (resp.command_status !== 0) {
    setTimeout(enqueue, settings.receipt_retry_ms, delivery, entry);
  } else {
    counts[delivery.kind === 'receipt' ? 'receipts_answered' : 'inbound_answered']++;
  }
  if (submitsFile === null) say('answered', { kind: delivery.kind, id: delivery.id, status: resp.command_status });
  deliver(entry);
}

function inbound(order) {
  const message = order.hex !== undefined ? Buffer.from(order.hex, 'hex') : Buffer.from(order.text || '', 'latin1');
  const fields = {
    source_addr_ton: 1, source_addr_npi: 1, source_addr: order.from, dest_addr_ton: 1, dest_addr_npi: 1,
    destination_addr: order.to, esm_class: order.esm_class || 0, data_coding: order.data_coding || 0,
    short_message: message, ...(order.tlvs || {}),
  };
  for (let copy = 0; copy < (order.copies || 1); copy++) enqueue({ kind: 'inbound', id: order.id || '', fields }, null);
}

/* Sessions */

function statusOfBind(pdu, given) {
  if (settings.refuse_next_binds > 0) { settings.refuse_next_binds--; return settings.refuse_status; }
  if (settings.refuse_binds) return settings.refuse_binds;
  if (given['system-id'] !== undefined && pdu.system_id !== given['system-id']) return 0x0f;
  if (given.password !== undefined && pdu.password !== given.password) return 0x0e;
  return 0;
}

function onSession(session, given) {
  const entry = { number: ++lastSession, session, receives: false, mode: '', queue: [], open: new Set() };
  for (const [command, [receives, mode]] of Object.entries(BINDS)) {
    session.on(command, (pdu) => {
      const status = statusOfBind(pdu, given);
      say('bind', { session: entry.number, mode, system_id: pdu.system_id, interface_version: pdu.interface_version, status });
      session.send(pdu.response(status ? { command_status: status } : { system_id: 'node-smsc' }));
      if (status) { session.close(); return; }
      counts.binds++;
      entry.receives = receives;
      entry.mode = mode;
      sessions.set(entry.number, entry);
      if (receives) for (const delivery of orphans.splice(0)) enqueue(delivery, entry);
    });
  }
  session.on('submit_sm', (pdu) => {
    if (sessions.has(entry.number)) onSubmit(entry, pdu);
    else session.send(pdu.response({ command_status: 0x04 }));
  });
  session.on('enquire_link', (pdu) => { if (settings.answer_enquire_link) session.send(pdu.response()); });
  session.on('unbind', (pdu) => {
    say('unbound', { session: entry.number });
    session.send(pdu.response());
    session.close();
  });
  session.on('unbind_resp', () => session.close());
  session.on('generic_nack', (pdu) => { counts.nacked++; say('nacked', { session: entry.number, status: pdu.command_status }); });
  session.on('query_sm', (pdu) => {
    const { message_id } = pdu;
    const known = { message_id, final_date: '261121080000000+', message_state: settings.query_state, error_code: 0 };
    session.send(pdu.response(settings.query_state ? known : { command_status: 0x03 }));
  });
  for (const command of ['cancel_sm', 'replace_sm', 'submit_multi', 'data_sm', 'unknown']) {
    session.on(command, (pdu) => session.send(pdu.response({ command_status: 0x03 })));
  }
  session.on('error', (error) => {
    say('error', { session: entry.number, message: String(error.message || error) });
    session.destroy();
  });
  session.on('close', () => {
    if (!sessions.delete(entry.number)) return;
    say('closed', { session: entry.number });
    for (const delivery of [...entry.open, ...entry.queue]) enqueue(delivery, null);
  });
}

/* Orders */

const orders = {
  release: () => { for (const answer of withheld.splice(0)) answer(); },
  drop: (order) => {
    if (order && order.mode) for (const { session, mode } of [...sessions.values()]) { if (mode === order.mode) session.destroy(); }
    else for (const session of [...server.sessions]) session.destroy();
  },
  deafen: () => { for (const session of server.sessions) { session.pause(); session.socket.pause(); } },
  outbind: ({ host, port: at, system_id, password }) => {
    const session = smpp.connect({ host, port: at }, () => session.send(new smpp.PDU('outbind', { system_id, password })));
    onSession(session, given);
  },
  unbind: () => { for (const { session } of sessions.values()) session.unbind(); },
  inbound,
  garbage: (order) => { for (const session of server.sessions) session.socket.write(Buffer.from(order.hex, 'hex')); },
  close: () => { server.close(); orders.drop(); },
  open: () => listen(port),
  stats: () => say('stats', { ...counts, withheld: withheld.length, waiting: waiting(), sessions: sessions.size }),
  flush: flushSubmits,
};

function waiting() {
  let deliveries = orphans.length;
  for (const { queue, open } of sessions.values()) deliveries += queue.length + open.size;
  return deliveries;
}

function obey(line) {
  let order;
  try {
    order = JSON.parse(line);
    if (order.set !== undefined) change(order.set);
    else if (Object.hasOwn(orders, order.do)) orders[order.do](order);
    else throw Error('neither "set" nor a known "do"');
  } catch (error) {
    say('error', { message: `${error.message}: ${line}`, tag: order && order.tag });
    return;
  }
  say('done', { do: order.do || 'set', tag: order.tag });
}

/* The process */

function listen(wanted) {
  server.listen(wanted, given.host, () => {
    port = server.address().port;
    say('listening', { port });
  });
}

const given = parseArguments(process.argv.slice(2));
if (given['quiet-submits'] !== undefined) submitsFile = fs.openSync(given['quiet-submits'], 'a');
const tls = given['tls-key'] ? { key: fs.readFileSync(given['tls-key']), cert: fs.readFileSync(given['tls-cert']) } : {};
let port = Number(given.port);
const server = smpp.createServer(tls, (session) => onSession(session, given));
server.on('error', (error) => { say('error', { message: String(error.message || error) }); });
listen(port);

process.stdout.on('error', () => process.exit(0)); // nobody reads: the test is gone
const input = readline.createInterface({ input: process.stdin });
input.on('line', obey);
input.on('close', () => { flushSubmits(); process.exit(0); });
