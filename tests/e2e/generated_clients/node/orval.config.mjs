export default {
  confrere: {
    input: "../openapi.json",
    output: { target: "orval_client.ts", client: "fetch", baseUrl: process.env.CONFRERE_URL },
  },
};
