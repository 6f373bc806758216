// Calls the server by the types that were generated: every kind of request once, and one message.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const { CONFRERE_URL = "", CONFRERE_KEY, RECIPIENT = "", GROUP = "", TEXT = "" } = process.env;
const client = createClient<paths>({ baseUrl: CONFRERE_URL, headers: { Authorization: `Bearer ${CONFRERE_KEY}` } });

const accounts = await client.GET("/linkedin/accounts");
const accountId = accounts.data?.[0]?.id;
assert(accountId);
const changed = await client.PATCH("/v1/accounts/{accountId}", {
  params: { path: { accountId } },
  body: { dailyLimit: 90, isDefault: true },
});
assert.equal(changed.data?.dailyLimit, 90);

const members = await client.POST("/linkedin/groups/members", { body: { groupId: GROUP, count: 10 } });
assert.equal(members.data?.members.length, members.data?.count);

const person = await client.POST("/v1/people/resolve", { body: { profileUrl: RECIPIENT } });
const profileId = person.data?.publicIdentifier;
assert(profileId);
const found = await client.GET("/linkedin/conversations/exists/{profileId}", { params: { path: { profileId } } });
assert.equal(found.data?.profileUrn, RECIPIENT);

const sent = await client.POST("/linkedin/messaging/send-group", {
  body: { recipientProfileUrn: RECIPIENT, groupId: GROUP, message: TEXT },
});
assert.equal(sent.data?.success, true);
