// An identity provider by oidc-provider, on a loopback port. Whoever types a name is that person.
// node provider.mjs PEOPLE: the file has what is known of each person, by name; it is read at every login.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import Provider from "oidc-provider";

const people = process.argv[2];
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  claims: { openid: ["sub"], email: ["email"], profile: ["preferred_username", "roles", "workspaces"] },
  clients: [
    {
      application_type: "native", // of a loopback address any port is taken
      client_id: "confrere",
      client_secret: "a secret: with/characters that+have to be % encoded",
      redirect_uris: ["http://127.0.0.1/console/login/callback"],
    },
  ],
  cookies: { keys: ["of a test"] },
  async findAccount(_context, id) {
    return { accountId: id, claims: () => ({ sub: id, ...JSON.parse(readFileSync(people, "utf8"))[id] }) };
  },
  pkce: { required: () => true },
});
provider.on("server_error", (_context, fault) => console.error(fault));
server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume();
process.stdin.on("end", () => process.exit()); // with the test
