package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs bin/sequitur in a checkout of empty files, with a java and a mvn that write down how they were called. */
class LauncherTest {
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir
    Path dir;

    private Path root;
    private Path tools;
    private Path script;

    private record Result(int code, String out, String err) {}

    @BeforeEach
    void layOut() throws IOException {
        root = Files.createDirectories(dir.resolve("a checkout"));
        tools = Files.createDirectories(dir.resolve("tools"));
        write(root.resolve("pom.xml"), "");
        for (String module : List.of("schemas", "model", "topology", "deploy")) {
            write(root.resolve(module).resolve("pom.xml"), "");
            write(root.resolve(module).resolve("src/main/java/Source.java"), "");
        }
        script = root.resolve("deploy/bin/sequitur");
        Files.createDirectories(script.getParent());
        Files.copy(Path.of("bin/sequitur"), script, StandardCopyOption.COPY_ATTRIBUTES);
        java("17.0.9");
        executable(
                tools.resolve("mvn"),
                """
                echo "mvn $*" >>"%s"
                mkdir -p deploy/target/lib
                [ -f deploy/target/sequitur-deploy-1.jar ] || touch deploy/target/sequitur-deploy-1.jar
                """
                        .formatted(dir.resolve("mvn.log")));
    }

    @Test
    void shouldBuildWhatIsNotBuiltSayingSoAndPassArgumentsOn() throws Exception {
        Result result = run("train", "--data", "my file.csv");
        assertThat(result.code()).isZero();
        assertThat(builds()).containsExactly("mvn -B -q -ntp -DskipTests -pl deploy -am package");
        assertThat(result.err().lines()).singleElement().asString().startsWith("sequitur: building");
        assertThat(result.out().lines())
                .containsExactly(
                        "-jar",
                        root.toRealPath()
                                .resolve("deploy/target/sequitur-deploy-1.jar")
                                .toString(),
                        "train",
                        "--data",
                        "my file.csv");
    }

    @Test
    void shouldBuildAgainOnlyWhenASourceIsNewer() throws Exception {
        run("demo");
        assertThat(run("demo").err()).isEmpty();
        assertThat(builds()).hasSize(1);

        Files.setLastModifiedTime(
                root.resolve("schemas/src/main/java/Source.java"),
                FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run("demo").err()).startsWith("sequitur: building");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void shouldNotBuildForEverWhenMavenLeavesAnUnchangedJarAlone() throws Exception {
        run("demo");
        Files.setLastModifiedTime(root.resolve("deploy/target/sequitur-deploy-1.jar"), FileTime.from(LONG_AGO));
        run("demo");
        assertThat(builds()).hasSize(1);
    }

    @Test
    void shouldRunWhatIsBuiltWhenToldNotToBuild() throws Exception {
        assertThat(run(Map.of("SEQUITUR_NO_BUILD", "1"), script, "demo"))
                .isEqualTo(new Result(
                        1,
                        "",
                        "sequitur: nothing is built in " + root.toRealPath().resolve("deploy/target")
                                + ". Unset SEQUITUR_NO_BUILD, or run: mvn -DskipTests package\n"));
        run("demo");
        Files.setLastModifiedTime(
                root.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run(Map.of("SEQUITUR_NO_BUILD", "1"), script, "demo").code()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void shouldShowMavensOutputWhenTheBuildFailsAndTryAgainNextTime() throws Exception {
        executable(tools.resolve("mvn"), "echo 'cannot find symbol'; exit 1\n");
        Result result = run("demo");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("cannot find symbol").endsWith("the build failed; its output is above.\n");
        assertThat(run("demo").err()).contains("cannot find symbol");
    }

    @Test
    void shouldFindItsRepositoryThroughRelativeLinks() throws Exception {
        Path links = Files.createDirectories(dir.resolve("my links"));
        Path first = Files.createSymbolicLink(links.resolve("first"), links.relativize(script));
        Path second = Files.createSymbolicLink(
                links.resolve("second"), Path.of(first.getFileName().toString()));
        assertThat(run(Map.of(), second, "demo").code()).isZero();
        assertThat(builds()).hasSize(1);
    }

    @Test
    void shouldRunAnInstalledLayoutWithoutSourcesOrMaven() throws Exception {
        Path installedScript = installed();
        Result result = run(Map.of("JAVA_OPTS", "-Xmx4g  -Dx=y"), installedScript, "run");
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines())
                .containsExactly(
                        "-Xmx4g",
                        "-Dx=y",
                        "-cp",
                        dir.toRealPath().resolve("an installation/lib/*").toString(),
                        "dev.sequitur.deploy.cli.Sequitur",
                        "run");
        assertThat(dir.resolve("mvn.log")).doesNotExist();
    }

    @Test
    void shouldPutTheOptionsOfAnInstallationBeforeTheUsersWhichWin() throws Exception {
        Path installedScript = installed();
        write(installedScript.resolveSibling("../java.options").normalize(), "-Xmx1g");
        assertThat(run(Map.of("JAVA_OPTS", "-Xmx4g"), installedScript, "run")
                        .out()
                        .lines())
                .startsWith("@" + dir.toRealPath().resolve("an installation/java.options"), "-Xmx4g", "-cp");
    }

    @Test
    void shouldRefuseAnOldJavaWithTheWayOut() throws Exception {
        java("1.8.0_392");
        assertThat(run("demo").err())
                .isEqualTo("sequitur: Java 17 or newer is needed, " + tools.resolve("java")
                        + " is Java 8. Set JAVA_HOME to a newer one.\n");
        java("11.0.21");
        assertThat(run("demo").code()).isEqualTo(1);
        assertThat(builds()).isEmpty();
    }

    @Test
    void shouldRefuseAWrongJavaHome() throws Exception {
        Result result = run(Map.of("JAVA_HOME", "/nowhere"), script, "demo");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("JAVA_HOME is /nowhere").contains("Point it to a JDK 17 or newer");
    }

    @Test
    void shouldAllowNativeCodeByNameWhereJavaAsksForIt() throws Exception {
        java("24");
        assertThat(run("demo").out()).startsWith("--enable-native-access=ALL-UNNAMED\n");
    }

    @Test
    void shouldBecomeJavaSoThatSignalsReachIt() throws Exception {
        executable(
                tools.resolve("java"),
                """
                [ "$1" != -version ] || { echo 'openjdk version "17.0.9"' >&2; exit 0; }
                echo $$ $TF_CPP_MIN_LOG_LEVEL
                """);
        Process process = start(Map.of(), script, "demo");
        String pid = Long.toString(process.pid());
        assertThat(finish(process).out()).isEqualTo(pid + " 2\n");
    }

    /** A java that writes to standard error as native code does, and past the filter as Java does. */
    private void noisyJava() throws IOException {
        executable(
                tools.resolve("java"),
                """
                [ "$1" != -version ] || { echo 'openjdk version "17.0.9"' >&2; exit 0; }
                echo 'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR' >&2
                echo 'I0000 00:00:1795451344.672612    8706 mlir_graph_optimization_pass.cc:401] MLIR V1 optimization pass is not enabled' >&2
                echo 'E0000 00:00:1795451344.672613    8706 executor.cc:7] MLIR V1 optimization pass is not enabled' >&2
                printf 'terminate called\\377 without an active exception\n' >&2
                if [ -n "$SEQUITUR_STDERR" ]; then printf '\rtrain 40%%' >"$SEQUITUR_STDERR"; fi
                exit 7
                """);
    }

    @Test
    void shouldDropTensorFlowsGreetingAndNothingElseOfWhatNativeCodeWrites() throws Exception {
        noisyJava();
        Process process = builder(Map.of("SEQUITUR_NO_BUILD", "1"), installed(), "demo")
                .redirectError(ProcessBuilder.Redirect.PIPE)
                .start();
        byte[] err = process.getErrorStream().readAllBytes();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(7);
        assertThat(new String(err, StandardCharsets.ISO_8859_1))
                .contains(
                        "E0000 00:00:1795451344.672613    8706 executor.cc:7] MLIR V1 optimization pass is not enabled\n")
                .contains("terminate called\u00ff without an active exception\n")
                .contains("\rtrain 40%")
                .doesNotContain("absl", "mlir_graph_optimization_pass");
    }

    @Test
    void shouldLeaveAFileAloneAsItCannotBeOpenedTwiceWithoutWritingOverText() throws Exception {
        noisyJava();
        Process process = start(Map.of("SEQUITUR_STDERR", "/dev/fd/3"), installed(), "demo");
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String err = Files.readString(dir.resolve("err"), StandardCharsets.ISO_8859_1);
        assertThat(err.lines()).hasSize(4);
        assertThat(err).contains("absl").doesNotContain("train 40%");
    }

    private Path installed() throws IOException {
        Path installed = Files.createDirectories(dir.resolve("an installation"));
        Files.createDirectories(installed.resolve("lib"));
        Path installedScript = Files.createDirectories(installed.resolve("bin")).resolve("sequitur");
        Files.copy(script, installedScript, StandardCopyOption.COPY_ATTRIBUTES);
        return installedScript;
    }

    private void java(String version) throws IOException {
        executable(
                tools.resolve("java"),
                """
                [ "$1" != -version ] || { echo 'openjdk version "%s"' >&2; exit 0; }
                printf '%%s\\n' "$@"
                """
                        .formatted(version));
    }

    private Result run(String... args) throws Exception {
        return run(Map.of(), script, args);
    }

    private Result run(Map<String, String> environment, Path command, String... args) throws Exception {
        return finish(start(environment, command, args));
    }

    private Process start(Map<String, String> environment, Path command, String... args) throws IOException {
        return builder(environment, command, args).start();
    }

    private ProcessBuilder builder(Map<String, String> environment, Path command, String... args) {
        List<String> line = new ArrayList<>(List.of(command.toString()));
        line.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(Path.of("/").toFile())
                .redirectOutput(dir.resolve("out").toFile())
                .redirectError(dir.resolve("err").toFile());
        for (String inherited :
                List.of("JAVA_HOME", "JAVA_OPTS", "SEQUITUR_NO_BUILD", "SEQUITUR_STDERR", "TF_CPP_MIN_LOG_LEVEL")) {
            builder.environment().remove(inherited);
        }
        builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
        builder.environment().putAll(environment);
        return builder;
    }

    private Result finish(Process process) throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(
                process.exitValue(), Files.readString(dir.resolve("out")), Files.readString(dir.resolve("err")));
    }

    private List<String> builds() throws IOException {
        Path log = dir.resolve("mvn.log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    private static void executable(Path path, String body) throws IOException {
        write(path, "#!/usr/bin/env bash\n" + body);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void write(Path path, String text) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, text, StandardCharsets.UTF_8);
        Files.setLastModifiedTime(path, FileTime.from(LONG_AGO));
    }
}
