import { addedTo, type Admission } from "./admission.ts";

/**
 * The response with the fields added: the same one where its headers can be changed, else a copy of it with the same
 * body. One that can be neither changed nor copied (101, or an error) comes back as it is.
 */
export const withFields = (
  response: Response,
  fields: Admission["fields"],
): Response => {
  try {
    addAll(response.headers, fields);
    return response;
  } catch {
    // Headers that came with a fetched response are immutable.
    if (response.status < 200) return response;
    const copy = new Response(response.body, response);
    addAll(copy.headers, fields);
    return copy;
  }
};

const addAll = (headers: Headers, fields: Admission["fields"]): void => {
  for (const [name, value] of fields)
    headers.set(name, addedTo(headers.get(name), name, value));
};

/** The answer to a refused request. */
export const refusalResponse = (
  fields: Admission["fields"],
  refusal: NonNullable<Admission["refusal"]>,
  method: string,
): Response => {
  const response = new Response(method === "HEAD" ? null : refusal.body, {
    status: refusal.status,
  });
  addAll(response.headers, fields);
  return response;
};
