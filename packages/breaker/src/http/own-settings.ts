/** What fetch reads of its settings. */
const fields = [
  "method",
  "headers",
  "body",
  "duplex",
  "signal",
  "redirect",
  "dispatcher",
  "keepalive",
  "integrity",
  "mode",
  "credentials",
  "cache",
  "referrer",
  "referrerPolicy",
];

/**
 * A copy of the settings with every field that fetch reads as its own. Those of a `Request`, of whatever copy of undici,
 * and of settings that inherit from others would be lost by spreading.
 */
export const ownSettings = (
  settings: RequestInit | undefined,
): RequestInit | undefined => {
  // Null is what fetch takes too.
  if (typeof settings !== "object" || (settings as unknown) === null)
    return settings;
  const own: Record<string, unknown> = { ...settings };
  for (const field of fields)
    if (!(field in own) && field in settings)
      own[field] = Reflect.get(settings, field);
  return own;
};
