package dev.sequitur.deploy;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know whom. */
class PackageRulesTest {
    private static final String KAFKA = "org.apache.kafka..";
    private static final String TENSORFLOW = "org.tensorflow..";

    /** Classes of ours that touch internals of Kafka's clients or streams, each for a reason. */
    private static final Set<String> MAY_USE_KAFKA_INTERNALS =
            // docs/adr/0008-before-every-commit.md
            Set.of("dev.sequitur.topology.scoring.BeforeCommit");

    private static JavaClasses main;

    @BeforeAll
    static void read() {
        main = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                // The reference cells come as a jar where the modules were packaged.
                .withImportOption(location -> !location.contains("-tests.jar"))
                // What JMH generates has rules of its own.
                .withImportOption(location -> !location.contains("/jmh_generated/"))
                .importPackages("dev.sequitur");
    }

    @ParameterizedTest
    @ValueSource(strings = {"schemas", "model", "topology", "deploy"})
    void shouldSeeEveryModule(String module) {
        // Rules about classes that were not read would hold without meaning anything.
        assertThat(main.stream().filter(c -> within(c, "dev.sequitur." + module)))
                .isNotEmpty();
        assertThat(main.stream().map(JavaClass::getName)).noneMatch(name -> name.endsWith("Test"));
    }

    @Test
    void shouldKeepSchemasToAvro() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.sequitur.schemas..")
                .should()
                .dependOnClassesThat(describe(
                        "belong to anything but Java, Avro and the schemas",
                        c -> !within(c, "java")
                                && !within(c, "org.apache.avro")
                                && !within(c, "dev.sequitur.schemas"))));
    }

    @Test
    void shouldKeepKafkaOutOfTheModel() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.sequitur.model..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(KAFKA, "kafka..", "dev.sequitur.topology..", "dev.sequitur.deploy.."));
    }

    @Test
    void shouldKeepTensorFlowBehindTheModel() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.sequitur.model..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(TENSORFLOW));
    }

    @Test
    void shouldKeepDeployOutOfTheTopology() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.sequitur.topology..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("kafka..", "dev.sequitur.deploy.."));
    }

    @Test
    void shouldUseKafkaInternalsOnlyWhereItIsSaid() {
        check(noClasses()
                .that(describe("aren't on the list", c -> !MAY_USE_KAFKA_INTERNALS.contains(topLevel(c))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..internals.."));
        assertThat(MAY_USE_KAFKA_INTERNALS)
                .as("classes on the list that use no internals: take them off")
                .allMatch(name -> main.get(name).getDirectDependenciesFromSelf().stream()
                        .anyMatch(d -> d.getTargetClass().getPackageName().contains(".internals")));
    }

    @Test
    void shouldUseKafkasServerOnlyForTheEmbeddedBroker() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.sequitur.deploy.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "kafka..",
                        "scala..",
                        "org.apache.kafka.server..",
                        "org.apache.kafka.metadata..",
                        "org.apache.kafka.raft..",
                        "org.apache.kafka.controller..",
                        "org.apache.kafka.storage.."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "topology", "deploy"})
    void shouldHaveNoCyclesBetweenPackages(String module) {
        check(slices().assignedFrom(packagesOf(module)).should().beFreeOfCycles());
    }

    /** Every package by its full name: the module's root and a package beneath another count like any other. */
    private static SliceAssignment packagesOf(String module) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass c) {
                return within(c, "dev.sequitur." + module)
                        ? SliceIdentifier.of(c.getPackageName())
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages of " + module;
            }
        };
    }

    @Test
    void shouldNoticeABrokenRule() {
        // What the broker package does is forbidden elsewhere: the same rule turned on it must fail.
        ArchRule rule = noClasses()
                .that()
                .resideInAPackage("dev.sequitur.deploy.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("kafka..");
        assertThat(rule.evaluate(main).hasViolation()).isTrue();
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(false).check(main);
    }

    private static boolean within(JavaClass c, String parent) {
        return c.getPackageName().equals(parent) || c.getPackageName().startsWith(parent + ".");
    }

    private static String topLevel(JavaClass c) {
        int nested = c.getName().indexOf('$');
        return nested < 0 ? c.getName() : c.getName().substring(0, nested);
    }
}
