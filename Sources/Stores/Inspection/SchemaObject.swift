import Postgres

/// One property of one object of the schema, such as the persistence of a table or the body of a function.
package struct SchemaObject: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, PostgresDecodable {
        case schema, table, column, constraint, index, view, function, trigger
        case type = "enum"
    }

    package enum Aspect: String, Hashable, Sendable, PostgresDecodable {
        /// What makes it anew.
        case definition
        /// `LOGGED` or `UNLOGGED`.
        case persistence
        /// Fillfactor and autovacuum settings, sorted.
        case options
        /// How large values of a column are kept.
        case storage
        /// What Stillhouse's groups may do with it, such as `SELECT TO stillhouse_reader`; other logins are the operator's.
        case grants
    }

    package let kind: Kind
    /// The table that a column, constraint, index or trigger belongs to, else its own name.
    package let owner: String
    package let name: String
    package let aspect: Aspect
    package let value: String

    /// Where it stands, apart from its value.
    var place: [String] { [kind.rawValue, owner, name, aspect.rawValue] }

    init(_ row: Row) throws(PostgresError) {
        kind = try row.decode("kind")
        owner = try row.decode("owner")
        name = try row.decode("name")
        aspect = try row.decode("aspect")
        value = try row.decode("value")
    }

    /// Everything in a schema, as text in which the schema is called `stillhouse` whatever its name.
    ///
    /// Sequences are left out, as they belong to their columns, and so are the indexes of constraints.
    static func all(in schema: String, _ transaction: borrowing Transaction) throws(PostgresError) -> [SchemaObject] {
        try transaction.query(
            """
            WITH relation AS (
                SELECT * FROM pg_class WHERE relnamespace = to_regnamespace(\(schema))
            ), granted (kind, owner, name, holder, acl) AS (
                SELECT 'schema', nspname, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = \(schema)
                UNION ALL SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END, relname, relname, relowner, relacl
                FROM relation WHERE relkind IN ('r', 'p', 'v')
                UNION ALL SELECT 'column', c.relname, a.attname, c.relowner, a.attacl
                FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL SELECT 'function', proname, format('%s(%s)', proname, oidvectortypes(proargtypes)), proowner,
                    proacl
                FROM pg_proc WHERE pronamespace = to_regnamespace(\(schema)) AND prokind IN ('f', 'p')
            ), object (kind, owner, name, aspect, value) AS (
                SELECT kind, owner, name, 'grants', coalesce((
                    SELECT string_agg(format('%s TO %s', a.privilege_type, r.rolname), ', '
                        ORDER BY r.rolname, a.privilege_type)
                    FROM aclexplode(acl) a JOIN pg_roles r ON r.oid = a.grantee
                    WHERE a.grantee <> holder
                        AND r.rolname IN ('stillhouse_owner', 'stillhouse_worker', 'stillhouse_reader')
                ), '') FROM granted
                UNION ALL
                SELECT 'table', relname, relname, 'persistence',
                    CASE relpersistence WHEN 'p' THEN 'LOGGED' ELSE 'UNLOGGED' END
                FROM relation WHERE relkind IN ('r', 'p')
                UNION ALL SELECT 'table', relname, relname, 'options',
                    array_to_string(ARRAY(SELECT unnest(reloptions) ORDER BY 1), ', ')
                FROM relation WHERE relkind IN ('r', 'p')
                UNION ALL SELECT 'view', relname, relname, 'definition', pg_get_viewdef(oid)
                FROM relation WHERE relkind IN ('v', 'm')
                UNION ALL SELECT 'column', c.relname, a.attname, 'definition',
                    format_type(a.atttypid, a.atttypmod)
                    || CASE WHEN a.attidentity <> '' THEN ' GENERATED AS IDENTITY' ELSE '' END
                    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
                    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
                FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid
                LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
                WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL SELECT 'column', c.relname, a.attname, 'storage',
                    CASE a.attstorage WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' WHEN 'x' THEN 'EXTENDED'
                        ELSE 'PLAIN' END
                FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1
                UNION ALL SELECT 'constraint', c.relname, k.conname, 'definition',
                    regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', '')
                FROM pg_constraint k JOIN relation c ON c.oid = k.conrelid WHERE k.contype <> 'n'
                UNION ALL SELECT 'index', c.relname, i.relname, 'definition', pg_get_indexdef(i.oid)
                FROM relation i JOIN pg_index x ON x.indexrelid = i.oid JOIN pg_class c ON c.oid = x.indrelid
                WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
                UNION ALL SELECT 'trigger', c.relname, t.tgname, 'definition', pg_get_triggerdef(t.oid)
                FROM pg_trigger t JOIN relation c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
                UNION ALL SELECT 'function', p.proname, format('%s(%s)', p.proname, oidvectortypes(p.proargtypes)),
                    'definition', pg_get_functiondef(p.oid)
                FROM pg_proc p WHERE p.pronamespace = to_regnamespace(\(schema)) AND p.prokind IN ('f', 'p')
                UNION ALL SELECT 'enum', t.typname, t.typname, 'definition',
                    string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
                WHERE t.typnamespace = to_regnamespace(\(schema)) GROUP BY t.typname
            )
            SELECT kind, replace(owner, \(schema), 'stillhouse') AS owner, replace(name, \(schema), 'stillhouse') AS name, aspect,
                replace(value, \(schema), 'stillhouse') AS value
            FROM object ORDER BY kind, owner, name, aspect
            """
        ).map { row throws(PostgresError) in try SchemaObject(row) }
    }
}
