import { describe, expect, it } from 'vitest';
import { makeSourceFile } from '../model/source.ts';
import { candidateNames, declaredAs, fileMessage, messagesOf, parseProtobuf } from './protobuf.ts';

const ORDER = `// The shop's orders.
syntax = "proto3";
package shop.orders.v1;
import public "shop/money.proto";
option java_package = "com.shop" ".orders";

// An order.
message Order {
  option deprecated = true;
  message Line { string sku = 1; }
  repeated Line lines = 1; // at least one
  map<string, .shop.Money> prices = 0x2 [json_name = "priceList", (shop.unit) = { name: "cents", scale: 2 }];
  oneof payment {
    string card = 3;
    Voucher voucher = 4;
  }
  enum State { option allow_alias = true; OPEN = 0; PAID = -1 [deprecated = true]; reserved 5 to max, "LOST"; }
  State state = 5;
  reserved 6, 8 to 9, "coupon";
  extensions 100 to 199;
}
message Voucher { string code = 1; }
extend Order { int32 gift = 100; }
service Orders { rpc Follow (stream Order) returns (.shop.orders.v1.Voucher) { option idempotency_level = IDEMPOTENT; } }
`;

function parse(text: string) {
  return parseProtobuf(makeSourceFile('order.proto', text));
}

describe('parseProtobuf', () => {
  it('reads everything that a file declares', () => {
    const proto = parse(ORDER);
    expect(proto.problems).toEqual([]);
    expect(proto).toMatchObject({ syntax: 'proto3', edition: null, package: 'shop.orders.v1' });
    expect(proto.imports).toMatchObject([{ path: 'shop/money.proto', how: 'public' }]);
    expect(proto.options).toMatchObject([{ name: 'java_package', value: 'com.shop.orders' }]);
    const [order] = proto.messages;
    expect(order?.doc).toBe('An order.');
    expect(
      order?.fields.map(({ name, number, label, type, oneof }) => [name.text, number, label, type.text, oneof]),
    ).toEqual([
      ['lines', 1, 'repeated', 'Line', null],
      ['prices', 2, null, '.shop.Money', null],
      ['card', 3, null, 'string', 'payment'],
      ['voucher', 4, null, 'Voucher', 'payment'],
      ['state', 5, null, 'State', null],
    ]);
    expect(order?.fields[0]?.doc).toBe('at least one');
    expect(order?.fields[1]).toMatchObject({
      mapKey: 'string',
      options: [
        { name: 'json_name', value: 'priceList' },
        { name: '(shop.unit)', value: '{ name: "cents", scale: 2 }' },
      ],
    });
    expect(order?.reserved.ranges.map(({ from, to }) => [from, to])).toEqual([
      [6, 6],
      [8, 9],
    ]);
    expect(order?.reserved.names.map(({ text }) => text)).toEqual(['coupon']);
    expect(order?.extensions.map(({ from, to }) => [from, to])).toEqual([[100, 199]]);
    expect(order?.enums[0]?.values.map(({ name, number }) => [name.text, number])).toEqual([
      ['OPEN', 0],
      ['PAID', -1],
    ]);
    expect(order?.enums[0]?.reserved.ranges[0]?.to).toBe(Number.POSITIVE_INFINITY);
    expect(proto.extends).toMatchObject([{ of: { text: 'Order' }, fields: [{ number: 100 }] }]);
    expect(proto.services[0]?.methods[0]).toMatchObject({
      clientStreams: true,
      serverStreams: false,
      output: { text: '.shop.orders.v1.Voucher' },
    });
    expect(messagesOf(proto).map(({ fullName }) => fullName)).toEqual([
      'shop.orders.v1.Order',
      'shop.orders.v1.Order.Line',
      'shop.orders.v1.Voucher',
    ]);
  });

  it('keeps the place of every name and number', () => {
    const [order] = parse(ORDER).messages;
    const slice = ({ start, end }: { start: number; end: number }): string => ORDER.slice(start, end);
    const prices = order?.fields[1];
    expect(
      order === undefined || prices === undefined ? [] : [order.name, prices.name, prices.numberAt].map(slice),
    ).toEqual(['Order', 'prices', '0x2']);
    expect(order === undefined ? '' : slice(order.reserved.ranges[1] ?? order)).toBe('8 to 9');
  });

  it('takes words of the language as names of fields and types', () => {
    const proto = parse(
      'message Odd { optional string message = 1; optional int32 reserved = 2; option.Type option = 3; repeated map.Key map = 4; string oneof = 5; group g = 6; }',
    );
    expect(proto.messages[0]?.fields.map(({ name }) => name.text)).toContain('message');
    expect(proto.messages[0]?.fields.map(({ name }) => name.text)).toContain('reserved');
  });

  it('loses one statement where one is broken', () => {
    const proto = parse(
      'message Pulse {\n  int32 beats 1;\n  string ward = 2\n  int64 at = 3;\n}\nmessage Next { bool on = 1; }',
    );
    expect(proto.messages.map(({ fullName, fields }) => [fullName, fields.map(({ name }) => name.text)])).toEqual([
      ['Pulse', ['at']],
      ['Next', ['on']],
    ]);
    expect(proto.problems.map(({ range }) => range.start.line)).toEqual([1, 3]);
  });

  it('reads every beginning of a file without throwing, and says that it breaks off', () => {
    for (let end = 0; end < ORDER.length; end++)
      expect(parse(ORDER.slice(0, end)).problems.length).toBeLessThanOrEqual(20);
    expect(parse(ORDER.slice(0, ORDER.indexOf('oneof'))).problems.length).toBeGreaterThan(0);
  });

  it('does not follow messages without end', () => {
    const depth = 20_000;
    expect(parse('message A {'.repeat(depth)).problems.length).toBeGreaterThan(0);
    expect(parse(`option x = ${'{'.repeat(depth)}`).problems.length).toBeGreaterThan(0);
  });
});

describe('names', () => {
  it('looks for a type from the inside out', () => {
    expect(candidateNames('Money', 'shop.v1.Order')).toEqual([
      'shop.v1.Order.Money',
      'shop.v1.Money',
      'shop.Money',
      'Money',
    ]);
    expect(candidateNames('.shop.Money', 'shop.v1.Order')).toEqual(['shop.Money']);
  });

  it('finds the message that a file is for, or none where that is open', () => {
    expect(fileMessage(parse(ORDER))?.name.text).toBe('Order');
    expect(fileMessage(parse('message A { B b = 1; } message B { A a = 1; }'))).toBeNull();
    expect(fileMessage(parse('message Tree { Tree left = 1; }'))?.name.text).toBe('Tree');
    expect(fileMessage(parse('message A {} message B {}'))).toBeNull();
  });

  it('finds messages by any unambiguous name', () => {
    const proto = parse(ORDER);
    for (const name of ['shop.orders.v1.Order.Line', 'Order.Line', 'Line'])
      expect(declaredAs(proto, name)?.fullName).toBe('shop.orders.v1.Order.Line');
    expect(declaredAs(proto, 'Orders')?.fullName).toBe('shop.orders.v1.Orders');
    expect(declaredAs(proto, 'Parcel')).toBeNull();
  });
});
