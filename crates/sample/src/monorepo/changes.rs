//! What is pushed onto it.

/// A change that is pushed.
pub(super) struct Pushed {
    /// Its message.
    pub(super) message: &'static str,
    /// Who wrote it.
    pub(super) author: &'static str,
    /// When, in seconds since 1970: what stays the same of a change.
    pub(super) written: u64,
    /// The option of its push.
    pub(super) option: &'static str,
    /// The files that it changes.
    pub(super) files: &'static [(&'static str, &'static str)],
}

/// One that lands, one that breaks a test, one that waits for somebody else, and one that no test finds: the release of it takes itself back.
pub(super) const CHANGES: &[Pushed] = &[
    Pushed {
        message: "prices: a discount of more than all costs nothing\n\nIt made prices below nothing.",
        author: "Ada Stern <ada@shop.example>",
        written: 1_795_000_001,
        option: "ship",
        files: &[
            (
                "packages/prices/index.js",
                "// What a thing costs after a discount, in cents; never less than nothing.\n\
                 exports.price = (cents, discount) => Math.max(0, Math.round(cents * (1 - discount)));\n",
            ),
            (
                "packages/prices/prices.test.js",
                "const test = require('node:test');\nconst assert = require('node:assert');\nconst { price } = require('./index.js');\n\n\
                 test('a discount is taken off', () => {\n  assert.equal(price(1000, 0.1), 900);\n});\n\n\
                 test('nothing costs less than nothing', () => {\n  assert.equal(price(1000, 2), 0);\n});\n",
            ),
        ],
    },
    Pushed {
        message: "web: the currency goes in front",
        author: "Bo Lind <bo@shop.example>",
        written: 1_795_000_002,
        option: "ship",
        files: &[(
            "web/index.js",
            "const { price } = require('../packages/prices');\n\n// What the page shows.\nexports.label = (cents, discount) => \
             `EUR ${(price(cents, discount) / 100).toFixed(2)}`;\n",
        )],
    },
    Pushed {
        message: "report: the average of orders\n\nFinance asked for it twice.",
        author: "Cem Aydin <cem@shop.example>",
        written: 1_795_000_003,
        option: "ask",
        files: &[(
            "services/report/report.py",
            "\"\"\"Counts what was sold.\"\"\"\n\n\ndef total(orders):\n    return sum(order[\"cents\"] for order in orders)\n\n\n\
             def average(orders):\n    return total(orders) / len(orders)\n",
        )],
    },
    Pushed {
        message: "web: ask the stock before showing a price",
        author: "Dee Okafor <dee@shop.example>",
        written: 1_795_000_004,
        option: "ship",
        files: &[(
            "web/server.js",
            "// The shop's page.\nconst http = require('node:http');\nconst { label } = require('./index.js');\n\n\
             let asked = 0;\n\nhttp.createServer((request, answer) => {\n  // The stock does not always answer.\n  \
             if (request.url !== '/healthz' && ++asked % 4 === 0) {\n    answer.statusCode = 500;\n    console.error('no answer from the stock');\n  }\n  \
             answer.end(`A lamp costs ${label(4900, 0.1)}.\\n`);\n\
             }).listen(process.env.PORT, '127.0.0.1', () => console.log('the shop is open'));\n\n\
             process.on('SIGTERM', () => process.exit(0));\n",
        )],
    },
];
