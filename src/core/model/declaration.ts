// What one file declares, before anything is known of the others: the output of every reader and the only input of topology/.
import type { FilePath, Location, Problem } from './source.ts';
import type { Name } from './name.ts';
import type { Broker, Backoff, ChannelKind, Confidence, Then } from './topology.ts';

/**
 * Points from one declaration to another node. Keys are unique within a file and kind: a logical id, the name of an exported constant, a JSON pointer.
 * `within` a directory-unit language (Go) `key` is looked up in all files of the directory.
 */
export type Ref =
  /** Declared in this file under this key. */
  | { readonly kind: 'key'; readonly key: string }
  /** Declared in another file (workspace-relative, already normalised) under this key. */
  | { readonly kind: 'file'; readonly file: FilePath; readonly key: string }
  /**
   * What a symbol of this or another module stands for: followed through bindings to a declaration. Where it leads to none, the code is taken
   * for something else and the declaration that refers to it says nothing, unless it is `sure` to be meant: then it is shown as unresolved.
   */
  | { readonly kind: 'symbol'; readonly module: string | null; readonly path: readonly string[]; readonly sure?: true }
  /** The channel that the broker knows by this literal name. Never used for services. */
  | {
      readonly kind: 'named';
      readonly broker: Broker;
      readonly channelKind: ChannelKind;
      readonly name: Name;
      readonly scope: Scope;
    }
  /** A value that another stack or document publishes under a global name (CloudFormation export, SSM parameter). */
  | {
      readonly kind: 'import';
      readonly space: string;
      readonly name: Name;
      readonly text: string;
      /** Why it cannot be resolved where nothing of the workspace exports it; absent: the linker says just that. */
      readonly otherwise?: string;
      /** What is meant where nothing of the workspace exports it. */
      readonly orElse?: Ref;
      /** Why it cannot be resolved where exports lead to several channels; absent: the linker says just that. */
      readonly several?: string;
    }
  /** The service whose code this is: the nearest one that covers the file; else every service that reaches the function through calls. */
  | { readonly kind: 'enclosing'; readonly function: string | null }
  /** Not to be known from files. `reason` ends the sentence "cannot be resolved: …". */
  | { readonly kind: 'unknown'; readonly text: string; readonly reason: string };

/** Where a literal broker name means one thing. Names merge within one broker and one scope only. */
export type Scope =
  /** One file: a stack's template. */
  | { readonly kind: 'file' }
  /** The application that the file belongs to: the nearest project root of that kind above it, else its own directory. */
  | { readonly kind: 'application' }
  /** The whole workspace. Documents that name disjoint sets of hosts do not share it; an empty set shares with all. */
  | { readonly kind: 'workspace'; readonly hosts: readonly string[] };

/** What is written (or not) about a poisoned message at one place. */
export interface FailureFacts {
  readonly deadLetter:
    | { readonly kind: 'configured'; readonly to: Ref; readonly at: Location }
    /** `why` names the platform's own: "Encore creates one per subscription". */
    | { readonly kind: 'built-in'; readonly why: string }
    /** `why` names the key that is absent: "no RedrivePolicy". */
    | { readonly kind: 'missing'; readonly why: string }
    | { readonly kind: 'unknown'; readonly why: string }
    | { readonly kind: 'not-applicable'; readonly why: string }
    /** The channel that is read decides (SQS: the queue's own RedrivePolicy). */
    | { readonly kind: 'of-channel' };
  /** Attempts in all (the first included) before `then`; 'unbounded'; null where it cannot be known. */
  readonly attempts: number | 'unbounded' | null;
  readonly backoff: Backoff;
  /** What becomes of the message at last, as written here. */
  readonly then: Then;
  /** How long, in the platform's words, for messages: "until its 4 days are over", "after 2 retries". Empty where nothing is to be said. */
  readonly story: string;
  readonly retry: RetryFacts;
  /** Where the guard stands or would be written. */
  readonly handle: Handle;
  /** What other files may say of this place: exports with a `failure`, each space at most once, in the order in which they are asked. */
  readonly elsewhere?: readonly { readonly space: string; readonly name: string }[];
}

/**
 * What one file says for consumptions that others declare (a broker's policy, a platform's component). With a verdict it holds where the place itself
 * has none (missing or unknown); without one, its attempts, back-off and retries always hold.
 */
export type SharedFailure = Partial<
  Pick<FailureFacts, 'deadLetter' | 'attempts' | 'backoff' | 'then' | 'story' | 'retry'>
>;

/** Whether failed work is tried again. Only `none` is a finding, and `why` words it: "MaximumRetryAttempts: 0". */
export type RetryFacts =
  | { readonly kind: 'configured' | 'default' | 'not-applicable' }
  | { readonly kind: 'none'; readonly why: string; readonly at: Location }
  | { readonly kind: 'unknown'; readonly why: string };

/** The place that owns a guard, in the terms of the dialect that can write it. */
export interface Handle {
  readonly dialect: string;
  /** What a person would point at: the logical id, the subscription's name. Findings stand here. */
  readonly at: Location;
  /** Keys from the document's root (data files), or the declaration's key (code). Only the dialect reads it. */
  readonly path: readonly (string | number)[];
  /** What the guard protects there, for the dialect: "queue", "subscription", "rule-target", "async-function", "stream-mapping", "operation", … */
  readonly role: string;
}

/** A setting as written, for rules that compare numbers. `value` null: written, but not to be known (an expression). */
export interface Setting {
  readonly value: string | number | boolean | null;
  readonly at: Location;
}

/** Settings by name, in the broker's own words (`VisibilityTimeout`). Absent = not written. */
export type Settings = ReadonlyMap<string, Setting>;

/** The smallest deployable that declares itself. */
export interface ServiceDeclaration {
  readonly kind: 'service';
  readonly key: string;
  readonly name: string;
  /** The system around it as declared (domain, stack, application); null: topology/ takes the application or the top folder. */
  readonly group: string | null;
  /** Exports of this space name the group by their `name`, before `group` does: for systems that list their services elsewhere. */
  readonly groupSpace?: string;
  /** Where the same name means the same service: `workspace` for titles, `application` for code services, `file` for logical ids. */
  readonly scope: 'workspace' | 'application' | 'file';
  /** Whether code below this file's directory belongs to it. */
  readonly covers: 'directory' | 'file' | 'nothing';
  /** Only a service where no directory above is one: there its code belongs to that service and this declaration says nothing. */
  readonly weak?: true;
  /** Means the only service of this name that anything else in the workspace declares; else one of its own. */
  readonly byName?: true;
  /** Paths of the handler code below the workspace, where declared (a function's CodeUri and handler). */
  readonly code: readonly FilePath[];
  readonly at: Location;
}

/** Something that carries messages. */
export interface ChannelDeclaration {
  readonly kind: 'channel';
  readonly key: string;
  /** The broker's literal where written; else an unknown or a template; null: the logical id is all there is. */
  readonly name: Name | null;
  /** What to show where the name is not known. */
  readonly logicalId: string;
  readonly broker: Broker;
  readonly channelKind: ChannelKind;
  readonly scope: Scope;
  readonly group: string | null;
  /** The platform itself produces into it (a bucket's notifications, a table's stream, the default bus): never an orphan. */
  readonly platformSource: boolean;
  /** Declared to be a dead-letter channel by its own file (besides being named as one by others). */
  readonly deadLetter: boolean;
  /** For channels whose own setting decides on dead-lettering (SQS, RabbitMQ queues); else null. */
  readonly failure: FailureFacts | null;
  readonly settings: Settings;
  readonly schemas: readonly Ref[];
  /** A channel only where something refers to it. */
  readonly byUse?: true;
  /** Means the only channel of this name (and broker, where it is known) that anything else in the workspace speaks of; else one of its own. */
  readonly byName?: true;
  readonly at: Location;
}

/** A service puts messages on a channel. */
export interface SendDeclaration {
  readonly kind: 'send';
  readonly service: Ref;
  readonly channel: Ref;
  readonly schemas: readonly Ref[];
  readonly confidence: Confidence;
  /** How it is known, for hovers: "publish call in placeOrder". */
  readonly why: string;
  readonly at: Location;
}

/** A service takes messages from a channel. */
export interface ReceiveDeclaration {
  readonly kind: 'receive';
  readonly service: Ref;
  readonly channel: Ref;
  /** Subscription or consumer group; null where the system has none. */
  readonly subscription: Name | null;
  readonly schemas: readonly Ref[];
  readonly failure: FailureFacts;
  readonly settings: Settings;
  readonly confidence: Confidence;
  readonly why: string;
  readonly at: Location;
}

/** A broker object forwards to another one: SNS topic → queue, exchange → queue, bus → target queue. */
export interface RouteDeclaration {
  readonly kind: 'route';
  readonly from: Ref;
  readonly to: Ref;
  readonly subscription: Name | null;
  readonly failure: FailureFacts;
  readonly settings: Settings;
  readonly confidence: Confidence;
  readonly why: string;
  readonly at: Location;
}

/** A payload contract. */
export interface SchemaDeclaration {
  readonly kind: 'schema';
  /** For data files the JSON pointer (`#/components/schemas/Order`), for code the type's name. */
  readonly key: string;
  readonly name: string;
  readonly format: SchemaFormat;
  /** A type of code: a contract only where a channel, a producer or a consumer refers to it. */
  readonly byUse?: true;
  readonly at: Location;
}

/** The language a schema is written in. */
export type SchemaFormat =
  | 'json-schema'
  | 'asyncapi'
  | 'avro'
  | 'protobuf'
  | 'go'
  | 'typescript'
  | 'java'
  | 'csharp'
  | 'python'
  | 'other';

/** A unit of work that is no consumption of a channel but has retries of its own (a Step Functions task). */
export interface TaskDeclaration {
  readonly kind: 'task';
  readonly name: string;
  readonly service: Ref | null;
  readonly retry: RetryFacts;
  readonly handle: Handle;
  readonly at: Location;
}

/** A place where a channel, service or subscription is meant but cannot be known. Shown, never dropped. */
export interface UnresolvedDeclaration {
  readonly kind: 'unresolved';
  /** What stands in the file. */
  readonly what: string;
  readonly why: string;
  /** What it would be; `send` and `receive` silence orphan findings in the same scope. */
  readonly role: 'send' | 'receive' | 'route' | 'dead-letter' | 'schema' | 'other';
  /** Keys of schemas of this file: said only where a channel or an edge carries one of them. */
  readonly ofSchemas?: readonly string[];
  readonly at: Location;
}

/** A project file's facts: how names of modules resolve below its directory. */
export interface ProjectDeclaration {
  readonly kind: 'project';
  readonly project: 'encore' | 'go-module' | 'npm-package' | 'tsconfig';
  /** The module path, package name or application id; empty where the file has none. */
  readonly name: string;
  /** For tsconfig: `paths` patterns → targets relative to this file's directory (`baseUrl` already applied). For npm: `imports`/`exports` literal entries. */
  readonly aliases: readonly { readonly pattern: string; readonly targets: readonly string[] }[];
  readonly at: Location;
}

/**
 * A value that this file publishes under a global name for others to import (CloudFormation export, SSM parameter). Under the name `*`, with an
 * import as its value: everything that the imported space exports.
 */
export interface ExportDeclaration {
  readonly kind: 'export';
  /** Keeps unlike name spaces apart: "cloudformation-export", "ssm-parameter". */
  readonly space: string;
  readonly name: Name;
  readonly value: Ref;
  /** For consumptions that name this space in `elsewhere`; there a `*` at the end of `name` stands for any rest. */
  readonly failure?: SharedFailure;
  readonly at: Location;
}

/** What a person says that an unresolved name means. */
export interface PinDeclaration {
  readonly kind: 'pin';
  /** The name as it is shown unresolved. */
  readonly what: string;
  /** Glob over the files in which it means that; null: everywhere. */
  readonly files: string | null;
  readonly channel: Ref;
  readonly at: Location;
}

/** Everything a reader can say about a file. */
export type Declaration =
  | ServiceDeclaration
  | ChannelDeclaration
  | SendDeclaration
  | ReceiveDeclaration
  | RouteDeclaration
  | SchemaDeclaration
  | TaskDeclaration
  | UnresolvedDeclaration
  | ProjectDeclaration
  | ExportDeclaration
  | PinDeclaration;

/** A name that this file offers to itself and, where exported, to others. `name` '*' re-exports everything of a module. */
export interface Binding {
  readonly name: string;
  readonly exported: boolean;
  readonly value: Value;
  readonly at: Location;
}

/** What a binding stands for. */
export type Value =
  | Name
  /** A channel, service or schema declared in this file under `key`. */
  | { readonly kind: 'declaration'; readonly key: string }
  /** An object literal or enum: members by name. */
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Value> }
  /** A function of this file; its calls name it as `within`. */
  | { readonly kind: 'function'; readonly function: string };

/** A call from one function to another: enough for "which services reach this publish". */
export interface Call {
  /** Key of the enclosing function (closures count as the function that makes them); null at the top level. */
  readonly within: string | null;
  readonly module: string | null;
  readonly path: readonly string[];
}

/** Another file that this one's meaning depends on. */
export interface Need {
  /** Workspace-relative, normalised. With a slash at its end a folder: those of its files that the reader takes by name, not below it. */
  readonly file: FilePath;
  /** JSON pointer into it, or empty. */
  readonly pointer: string;
  readonly at: Location;
}

/** All facts of one file. Depends on the file's text and path alone. */
export interface FileFacts {
  readonly declarations: readonly Declaration[];
  readonly bindings: readonly Binding[];
  readonly calls: readonly Call[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
  /** What a reader with `assemble` keeps of the file until all of its files are known, by the reader's id. Only that reader and its dialect look into it. */
  readonly parts?: ReadonlyMap<string, unknown>;
  /** Whether names of this file are shared by its whole directory (a Go package). */
  readonly unit: 'file' | 'directory';
  /** Of a fragment: whoever asks for the file knows more of it than the file itself tells, so what it says by itself is left out. */
  readonly replaces?: true;
}

/** Facts that say nothing. */
export const NO_FACTS: FileFacts = { declarations: [], bindings: [], calls: [], needs: [], problems: [], unit: 'file' };
