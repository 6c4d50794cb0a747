package dev.outboard.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A local Maven repository as an author of plugins has one after {@code mvn install} of what
 * docs/spi.md names, and nothing else of ours: so that what is built against it can't see more.
 * What others have made is there by links to this machine's own repository, which gets nothing of
 * ours.
 */
public final class AuthorRepository implements AutoCloseable {
  private static final List<String> JARS = List.of("spi", "packet", "linux-ffm", "spi-testkit");
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Pattern VERSION = Pattern.compile("<version>(.*?)</version>");

  private final Path folder;
  private final Path root = Lab.root();
  private final String version;

  private AuthorRepository(Path folder) throws IOException {
    this.folder = folder;
    Matcher first = VERSION.matcher(Files.readString(root.resolve("pom.xml")));
    if (!first.find()) {
      throw new IOException("no version in pom.xml");
    }
    version = first.group(1);
  }

  /** Makes one in a folder that is not there yet. */
  public static AuthorRepository create(Path folder) throws IOException {
    AuthorRepository repository = new AuthorRepository(folder);
    Processes.run("cp", "-as", System.getProperty("outboard.m2") + "/", folder.toString());
    Processes.run("rm", "-rf", folder.resolve("dev/outboard").toString());
    repository.installPom("outboard", repository.root.resolve("pom.xml"));
    repository.installPom("bom", repository.root.resolve("bom/pom.xml"));
    for (String jar : JARS) {
      repository.installPom(jar, repository.root.resolve(jar + "/pom.xml"));
      repository.installJar(jar, repository.root.resolve(jar + "/target/classes"));
    }
    return repository;
  }

  private Path place(String artifact, String kind) throws IOException {
    Path directory = folder.resolve("dev/outboard/" + artifact + "/" + version);
    return Files.createDirectories(directory).resolve(artifact + "-" + version + "." + kind);
  }

  private void installPom(String artifact, Path pom) throws IOException {
    Files.copy(pom, place(artifact, "pom"));
  }

  /** Packs the classes as they are now: the jar in {@code target} may be of an earlier build. */
  private void installJar(String artifact, Path classes) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    List<Path> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    try (OutputStream out = Files.newOutputStream(place(artifact, "jar"));
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Path file : files) {
        jar.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, jar);
        jar.closeEntry();
      }
    }
  }

  /** The options that make Maven use it. */
  public List<String> options() {
    return List.of("-B", "-ntp", "-Dmaven.repo.local=" + folder);
  }

  /** Runs Maven in a project with this repository; what it printed if it ends well. */
  public String maven(Path project, String... goals) {
    List<String> command = new ArrayList<>(List.of("env", "-C", project.toString()));
    command.addAll(List.of("JAVA_HOME=" + System.getProperty("java.home"), "mvn"));
    command.addAll(options());
    command.addAll(List.of(goals));
    return Processes.run(PATIENCE, command);
  }

  @Override
  public void close() {
    Processes.run("rm", "-rf", folder.toString());
  }
}
