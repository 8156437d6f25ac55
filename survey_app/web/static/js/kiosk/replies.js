// What the server says of this device.

/**
 * The sentence with which the server says that it no longer knows this device; nothing for any other
 * reply, such as the refusal of a proxy on the way.
 */
export async function revocation(reply) {
  if (reply.status !== 403) return "";
  const { reason, error } = (await reply.json().catch(() => null)) ?? {};
  return reason === "revoked" ? error : "";
}
