// Calls the server with the functions that were generated: every kind of request once, and one message.
import assert from "node:assert/strict";
import {
  changeAccount,
  findConversation,
  listAccounts,
  listGroupMembers,
  resolvePerson,
  sendGroupMessage,
} from "./orval_client.js";

const { CONFRERE_KEY, RECIPIENT = "", GROUP = "", TEXT = "" } = process.env;
const options = { headers: { Authorization: `Bearer ${CONFRERE_KEY}` } };

const accounts = await listAccounts(undefined, options);
assert(accounts.status === 200 && accounts.data[0]);
const changed = await changeAccount(accounts.data[0].id, { dailyLimit: 100, isDefault: true }, options);
assert(changed.status === 200);
assert.equal(changed.data.dailyLimit, 100);

const members = await listGroupMembers({ groupId: GROUP, count: 10 }, options);
assert(members.status === 200);
assert.equal(members.data.members.length, members.data.count);

const person = await resolvePerson({ profileUrl: RECIPIENT }, options);
assert(person.status === 200 && person.data.publicIdentifier);
const found = await findConversation(person.data.publicIdentifier, undefined, options);
assert(found.status === 200);
assert.equal(found.data.profileUrn, RECIPIENT);

const sent = await sendGroupMessage({ recipientProfileUrn: RECIPIENT, groupId: GROUP, message: TEXT }, options);
assert(sent.status === 200);
assert.equal(sent.data.success, true);
