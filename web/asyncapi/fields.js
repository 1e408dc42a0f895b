// A schema as rows to read: one for each field, however deep it lies.

/**
 * @typedef {object} Field
 * @property {string} path where it stands, as in JavaScript; empty for the payload itself
 * @property {string} type
 * @property {string} required in words; empty where it may be left out
 * @property {string} description
 * @property {{ value: string, words: string }[]} values the only ones, if there are only some
 * @property {string[]} limits
 */

/** @returns {Field[]} */
export function fieldsOf(schema) {
  const root = schema.properties === undefined ? [row("", schema, "")] : [];
  return [...root, ...below("", schema)];
}

/** Fields of an object, or of that one of several shapes which is an object. */
function below(path, schema) {
  const object = shapes(schema).find(({ properties }) => properties !== undefined);
  if (object === undefined) return [];
  return Object.entries(object.properties).flatMap(([name, field]) => {
    const inside = path === "" ? name : `${path}.${name}`;
    return [row(inside, field, requirement(object, name)), ...below(inside, field)];
  });
}

function row(path, schema, required) {
  const { description = "", enum: values = [], "x-enum-descriptions": meanings = [] } = schema;
  return {
    path,
    type: shapes(schema).map(typeOf).join(" or "),
    required,
    description,
    values: values.map((value, index) => ({ value: String(value), words: meanings[index] ?? "" })),
    limits: limitsOf(schema),
  };
}

/** What a value may be: its schema, or several with a type each. */
const shapes = (schema) => (schema.type === undefined && schema.oneOf) || [schema];

function typeOf({ type = "anything", format, contentEncoding, additionalProperties, ...schema }) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (format === "binary") return "bytes";
  if (contentEncoding === "base64") return "base64 text";
  return additionalProperties?.type ? `object of ${additionalProperties.type}s` : type;
}

function requirement(object, name) {
  if (object.required?.includes(name)) return "required";
  const cases = (object.oneOf ?? object.anyOf ?? []).filter(({ required }) => required.includes(name));
  if (cases.length === 0) return "";
  const titles = cases.map(({ title }) => title).filter(Boolean);
  return titles.length === 0 ? "one of these required" : `required of ${titles.join(" and ")}s`;
}

function limitsOf({ minLength, maxLength, default: fallback, const: constant }) {
  const limits = [];
  if (maxLength !== undefined) limits.push(`${minLength} to ${maxLength} characters`);
  if (fallback !== undefined && constant === undefined) limits.push(`left out: \`${JSON.stringify(fallback)}\``);
  return limits;
}
