// Spring Boot configuration (application and bootstrap files, with their build file) → one service per application, and what the bindings of
// Spring Cloud Stream send and receive. Spring Cloud Stream 2 to 4, Spring Boot 2 to 3.
// Not read: annotations in code, configuration servers elsewhere, environment variables.
import type { FileFacts } from '../../model/declaration.ts';
import { NO_FACTS } from '../../model/declaration.ts';
import type { Reader } from '../reader.ts';
import type { SpringPart } from './assemble.ts';
import { assembleSpring } from './assemble.ts';
import { readBuildFile } from './build-file.ts';
import { readConfigFile } from './config-file.ts';

const ID = 'spring';
const STANDARD_FILE = /(?:^|\/)(?:(?:application|bootstrap)(?:-[^/]*)?\.[a-z]+|pom\.xml|build\.gradle(?:\.kts)?)$/;
const BUILD_FILE = /(?:^|\/)(?:pom\.xml|build\.gradle(?:\.kts)?)$/;

export const springReader: Reader = {
  id: ID,
  title: 'Spring',
  docs: {
    summary:
      'Configuration files of Spring Boot applications: one service per application, and the bindings of Spring Cloud Stream.',
    reads: [
      '`application` and `bootstrap` files in YAML and .properties, nested, with dotted keys or mixed; profiles in one file (`---`) and in files of their own, as one application',
      'configuration repositories: a folder of files that are named by applications, with what `application.yml` shares among them',
      '`spring.application.name`; without it the artifact of pom.xml or the folder names the service',
      '`spring.cloud.stream.bindings`: destinations (also comma lists and placeholders with defaults or values of the application), groups, binders; names of function bindings (`…-in-0`), composed functions, aliases in `function.bindings`',
      'the broker from the binder, the default binder, the dependencies of pom.xml or build.gradle, or the settings',
      'dead letters: `enable-dlq` and `dlq-name` of the Kafka binder (which needs a `group`), `auto-bind-dlq` and `dead-letter-queue-name` of the RabbitMQ binder, `sendToDlq` of the Kafka Streams binder; `max-attempts` and back-off',
    ],
    doesNotRead: [
      'bindings whose direction only the code tells (`@Input`, `@Output`): shown as unresolved',
      'destinations that are patterns: shown as unresolved',
      '`@KafkaListener` and other annotations, `StreamBridge` calls',
      'configuration repositories outside of the workspace, and values that the environment sets',
      'failure handling of binders other than Kafka, Kafka Streams and RabbitMQ',
    ],
  },
  files: [
    '**/{application,application-*,bootstrap,bootstrap-*}.{yml,yaml,properties}',
    '**/{*config*,shared}/*.{yml,yaml,properties}',
    '**/pom.xml',
    '**/build.gradle',
    '**/build.gradle.kts',
  ],
  languages: ['yaml', 'properties', 'java-properties', 'spring-boot-properties', 'spring-boot-properties-yaml'],
  grammars: () => [],
  recognises: (text, path) =>
    text.includes('spring')
      ? STANDARD_FILE.test(path) || (text.includes('stream') && text.includes('bindings'))
      : // A module of a Gradle build may get all of its dependencies from its parent.
        path.endsWith('.gradle') || path.endsWith('.gradle.kts'),
  read(file): FileFacts {
    if (BUILD_FILE.test(file.path)) return keep(readBuildFile(file));
    const { part, problems } = readConfigFile(file);
    return { ...keep(part), problems };
  },
  assemble: (parts) => assembleSpring(parts as ReadonlyMap<string, SpringPart>),
};

function keep(part: SpringPart): FileFacts {
  return { ...NO_FACTS, parts: new Map<string, unknown>([[ID, part]]) };
}
