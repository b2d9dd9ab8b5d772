import ts from 'typescript';

/**
 * A table that is an object literal has the names that every object inherits: `ROLES['constructor']` is a function. Refuses
 * to look a text of any kind up in such a table, be it by `table[text]` or by `text in table`; a `Map` or `Object.hasOwn`
 * does it right. A text of a closed set of words is fine, unless it is one by assertion alone.
 */
export const noInheritedLookup = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { lookup: 'The text may be a name that every object inherits: use a Map, or Object.hasOwn' },
  },
  create(context) {
    const { sourceCode } = context;
    const services = sourceCode.parserServices;

    function isTable(node) {
      if (node.type !== 'Identifier') return false;
      const [definition] = variableOf(node)?.defs ?? [];
      if (definition?.type === 'ImportBinding') return /^[A-Z][A-Z_]+$/.test(node.name);
      return unwrapped(definition?.node?.init)?.type === 'ObjectExpression';
    }

    function variableOf(node) {
      for (let scope = sourceCode.getScope(node); scope; scope = scope.upper) {
        const variable = scope.set.get(node.name);
        if (variable) return variable;
      }
      return undefined;
    }

    function isAnyText(node) {
      if (node.type === 'TSAsExpression') return true;
      const type = services.getTypeAtLocation(node);
      const members = type.isUnion() ? type.types : [type];
      const open = ts.TypeFlags.String | ts.TypeFlags.Any | ts.TypeFlags.Unknown;
      return members.some(({ flags }) => (flags & open) !== 0);
    }

    return {
      MemberExpression(node) {
        if (!node.computed || node.property.type === 'Literal' || isWritten(node)) return;
        if (isTable(node.object) && isAnyText(node.property)) context.report({ node, messageId: 'lookup' });
      },
      "BinaryExpression[operator='in']"(node) {
        if (node.left.type === 'Literal' || node.left.type === 'PrivateIdentifier') return;
        if (isAnyText(node.left)) context.report({ node, messageId: 'lookup' });
      },
    };
  },
};

/** What is being made has no foreign names yet. */
function isWritten(node) {
  return node.parent.type === 'AssignmentExpression' && node.parent.left === node;
}

/** What stands within `as const` and `satisfies …`. */
function unwrapped(node) {
  return node?.type === 'TSAsExpression' || node?.type === 'TSSatisfiesExpression'
    ? unwrapped(node.expression)
    : node;
}
