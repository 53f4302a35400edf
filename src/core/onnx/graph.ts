import { AppError } from '../errors.ts';
import { ProtoWriter } from './protobuf.ts';

/** Element types that our graphs use, with the numbers of `TensorProto.DataType`. */
export const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, float64: 11 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** A dimension: a number, or a name where it is known at run time only. */
export type Dimension = number | string;

/** A graph input or output. */
export interface ValueInfo {
  name: string;
  type: ElementType;
  shape: readonly Dimension[];
}

export type Attribute = number | { float: number } | readonly number[] | string;

interface GraphNode {
  name: string;
  op: string;
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface NodeOptions {
  domain?: 'com.microsoft';
  attributes?: Readonly<Record<string, Attribute>>;
  /** Names of outputs; the default is one, `<node>/output_0`. An empty name leaves an optional output out. */
  outputs?: readonly string[];
}

/** Values that a graph carries itself, little-endian, row-major; `bytes` is asked once the model is written. */
export interface GraphConstant {
  type: ElementType;
  shape: readonly number[];
  sizeBytes: number;
  bytes: () => Uint8Array;
}

// IR version 10 and opset 21 are the newest that the operators here ask for; ONNX Runtime 1.30 reads later ones too.
const IR_VERSION = 10;
const OPSET = 21;

/** Collects an ONNX graph and writes it as a model; names must be unique and every input must exist when it is used. */
export class GraphBuilder {
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  /** Those of the inputs that are weights. */
  readonly weightInputs: ValueInfo[] = [];
  private readonly nodes: GraphNode[] = [];
  private readonly initializers: (GraphConstant & { name: string })[] = [];
  private readonly values = new Set<string>();
  private readonly nodeNames = new Set<string>();
  private readonly name: string;
  private readonly weights: ReadonlyMap<string, GraphConstant> | null;

  /** With `weights` the graph carries its weights; without, they are inputs. */
  constructor(name: string, weights: ReadonlyMap<string, GraphConstant> | null = null) {
    this.name = name;
    this.weights = weights;
  }

  /** Declares a graph input and returns its name. */
  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.define(name);
    this.inputs.push({ name, type, shape });
    return name;
  }

  /** Declares an existing value as a graph output. */
  output(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.require(name, 'graph output');
    this.outputs.push({ name, type, shape });
  }

  /** Declares a weight and returns its name: an input, or values that the graph carries; throws `graph-invalid` for others than it should. */
  weight(name: string, type: ElementType, shape: readonly Dimension[]): string {
    if (this.weights === null) {
      this.weightInputs.push({ name, type, shape });
      return this.input(name, type, shape);
    }
    const constant = this.weights.get(name);
    const isFit = (length: Dimension, i: number) => typeof length === 'string' || length === constant?.shape[i];
    if (constant?.type !== type || constant.shape.length !== shape.length || !shape.every(isFit)) {
      const observed = constant === undefined ? 'none' : `${constant.type} [${constant.shape.join(', ')}]`;
      const allowed = `${type} [${shape.join(', ')}]`;
      const message = `The graph was given ${observed} as the weight ${name}, where ${allowed} must stand.`;
      throw new AppError('graph-invalid', message, { value: name, observed, allowed });
    }
    return this.constant(name, constant);
  }

  /** Values that the graph carries. */
  constant(name: string, constant: GraphConstant): string {
    this.define(name);
    this.initializers.push({ name, ...constant });
    return name;
  }

  /** A one-dimensional int64 constant, such as the target of a Reshape. */
  shape(name: string, values: readonly number[]): string {
    const bytes = new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer);
    return this.constant(name, { type: 'int64', shape: [values.length], sizeBytes: bytes.length, bytes: () => bytes });
  }

  /** Adds a node and returns the name of its first output; an empty input name leaves an optional input out. */
  node(name: string, op: string, inputs: readonly string[], options: NodeOptions = {}): string {
    if (this.nodeNames.has(name))
      throw new AppError('graph-invalid', `The graph has two nodes named ${name}.`, { node: name });
    this.nodeNames.add(name);
    for (const input of inputs) if (input !== '') this.require(input, name);
    const outputs = options.outputs ?? [`${name}/output_0`];
    for (const output of outputs) if (output !== '') this.define(output);
    this.nodes.push({ name, op, domain: options.domain ?? '', inputs, outputs, attributes: options.attributes ?? {} });
    return outputs[0] ?? '';
  }

  /** Bytes of the model; no weight's bytes are made for it. */
  get sizeBytes(): number {
    return this.toProto().sizeBytes;
  }

  /** The graph as the bytes of an ONNX ModelProto. */
  toModel(): Uint8Array<ArrayBuffer> {
    return this.toProto().toBytes();
  }

  private toProto(): ProtoWriter {
    const graph = new ProtoWriter();
    for (const node of this.nodes) graph.field(1, toNodeProto(node));
    graph.field(2, this.name);
    for (const initializer of this.initializers) graph.field(5, toTensorProto(initializer));
    for (const value of this.inputs) graph.field(11, toValueProto(value));
    for (const value of this.outputs) graph.field(12, toValueProto(value));
    return new ProtoWriter()
      .int(1, IR_VERSION)
      .field(2, 'recall-lab')
      .field(7, graph)
      .field(8, new ProtoWriter().field(1, '').int(2, OPSET))
      .field(8, new ProtoWriter().field(1, 'com.microsoft').int(2, 1));
  }

  private define(name: string): void {
    if (this.values.has(name)) throw new AppError('graph-invalid', `The graph defines ${name} twice.`, { value: name });
    this.values.add(name);
  }

  private require(name: string, user: string): void {
    if (this.values.has(name)) return;
    throw new AppError('graph-invalid', `${user} reads ${name}, which nothing before it makes.`, { value: name, user });
  }
}

function toNodeProto(node: GraphNode): ProtoWriter {
  const proto = new ProtoWriter();
  for (const input of node.inputs) proto.field(1, input);
  for (const output of node.outputs) proto.field(2, output);
  proto.field(3, node.name).field(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) proto.field(5, toAttributeProto(name, value));
  return proto.field(7, node.domain);
}

/** `AttributeProto`: f = 2, i = 3, s = 4, ints = 8, type = 20 (FLOAT 1, INT 2, STRING 3, INTS 7). */
function toAttributeProto(name: string, value: Attribute): ProtoWriter {
  const proto = new ProtoWriter().field(1, name);
  if (typeof value === 'number') return proto.int(3, value).int(20, 2);
  if (typeof value === 'string') return proto.field(4, value).int(20, 3);
  if ('float' in value) return proto.float(2, value.float).int(20, 1);
  for (const item of value) proto.int(8, item);
  return proto.int(20, 7);
}

/** `ValueInfoProto` of a tensor; a dimension is `dim_value` = 1 or `dim_param` = 2. */
function toValueProto({ name, type, shape }: ValueInfo): ProtoWriter {
  const dims = new ProtoWriter();
  for (const dim of shape) {
    const proto = new ProtoWriter();
    dims.field(1, typeof dim === 'number' ? proto.int(1, dim) : proto.field(2, dim));
  }
  const tensor = new ProtoWriter().int(1, ELEMENT_TYPES[type]).field(2, dims);
  return new ProtoWriter().field(1, name).field(2, new ProtoWriter().field(1, tensor));
}

/** `TensorProto`: dims = 1, data_type = 2, name = 8, raw_data = 9. */
function toTensorProto({ name, type, shape, sizeBytes, bytes }: GraphConstant & { name: string }): ProtoWriter {
  const proto = new ProtoWriter();
  for (const length of shape) proto.int(1, length);
  return proto.int(2, ELEMENT_TYPES[type]).field(8, name).lazyBytes(9, sizeBytes, bytes);
}
