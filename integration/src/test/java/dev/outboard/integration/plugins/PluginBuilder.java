package dev.outboard.integration.plugins;

import dev.outboard.linux.EventFd;
import dev.outboard.packet.Ethernet;
import dev.outboard.spi.SpiVersion;
import dev.outboard.spi.TransportProvider;
import dev.outboard.testkit.loopback.LoopbackProvider;
import dev.outboard.transport.iouring.IoUringProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles and packs a plugin's jar, as its author would; for tests. */
public final class PluginBuilder {
  private final Map<String, String> sources = new TreeMap<>();
  private final Map<String, String> services = new TreeMap<>();
  private String spiVersion = SpiVersion.CURRENT;
  private Path classPath;

  /** A class of the plugin's. */
  public PluginBuilder source(String name, String text) {
    sources.put(name, text);
    return this;
  }

  /** Changes the text of its classes. */
  PluginBuilder replace(String from, String to) {
    sources.replaceAll((name, text) -> text.replace(from, to));
    return this;
  }

  /** A service file. */
  public PluginBuilder service(Class<?> type, String... providers) {
    services.put("META-INF/services/" + type.getName(), String.join("\n", providers) + "\n");
    return this;
  }

  /** What its manifest says, in place of the right version; null for nothing. */
  public PluginBuilder spiVersion(String version) {
    spiVersion = version;
    return this;
  }

  /** A jar to compile against. */
  public PluginBuilder against(Path jar) {
    classPath = jar;
    return this;
  }

  /** Compiles and writes the jar, and its folder. */
  public PluginBuilder write(Path jar) throws IOException {
    Files.createDirectories(jar.getParent());
    Path classes = Files.createTempDirectory("plugin-classes");
    try {
      compile(classes);
      pack(classes, jar);
    } finally {
      delete(classes);
    }
    return this;
  }

  private void compile(Path classes) throws IOException {
    if (sources.isEmpty()) {
      return;
    }
    String path = System.getProperty("java.class.path");
    List<String> options =
        List.of(
            "-d",
            classes.toString(),
            "-proc:none",
            "-cp",
            classPath == null ? path : classPath + ":" + path);
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(unit(name, text)));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    if (!compiler.getTask(said, null, null, options, null, units).call()) {
      throw new IllegalStateException("the plugin does not compile: " + said);
    }
  }

  private static JavaFileObject unit(String name, String text) {
    URI place = URI.create("string:///" + name.replace('.', '/') + ".java");
    return new SimpleJavaFileObject(place, JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  private void pack(Path classes, Path jar) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    if (spiVersion != null) {
      manifest.getMainAttributes().putValue(SpiVersion.MANIFEST_ATTRIBUTE, spiVersion);
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (Map.Entry<String, String> service : services.entrySet()) {
        out.putNextEntry(new JarEntry(service.getKey()));
        out.write(service.getValue().getBytes(StandardCharsets.UTF_8));
      }
      addTree(classes, out);
    }
  }

  private static void addTree(Path root, JarOutputStream out) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(root)) {
      files = tree.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      String name = root.relativize(file).toString();
      if (!name.startsWith("META-INF")) {
        out.putNextEntry(new JarEntry(name));
        Files.copy(file, out);
      }
    }
  }

  /** Puts the module that a class is in beside the plugin, as a jar of its own. */
  static void copyModule(Class<?> any, Path folder) throws IOException {
    Path place;
    try {
      place = Path.of(any.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    Path jar = folder.resolve(any.getSimpleName().toLowerCase(Locale.ROOT) + ".jar");
    // Without its own service files: the plugin has one provider, which is not among these classes.
    PluginBuilder module = new PluginBuilder().spiVersion(null);
    if (Files.isDirectory(place)) {
      module.pack(place, jar);
    } else {
      try (FileSystem inside = FileSystems.newFileSystem(place)) {
        module.pack(inside.getPath("/"), jar);
      }
    }
  }

  /**
   * A good plugin: the kit's loopback transport under another name, with all it needs beside it.
   *
   * @param name of the plugin's folder, and of its transport
   */
  public static void loopback(Path plugins, String name) throws IOException {
    wrapped(
        plugins,
        name,
        "dev.outboard.testkit.loopback.LoopbackProvider.perGuest(false)",
        LoopbackProvider.class);
  }

  /** A good plugin, whose uplinks reach other hosts: the transport iouring under another name. */
  public static void vxlan(Path plugins, String name) throws IOException {
    String made = "new dev.outboard.transport.iouring.IoUringProvider()";
    wrapped(plugins, name, made, IoUringProvider.class);
  }

  private static void wrapped(Path plugins, String name, String made, Class<?> module)
      throws IOException {
    Path folder = plugins.resolve(name);
    String provider =
        """
        package third.party;

        import dev.outboard.spi.*;
        import java.util.List;

        public final class Provider implements TransportProvider {
          private final TransportProvider wrapped = %s;

          @Override public String name() { return "%s"; }
          @Override public Availability probe() { return wrapped.probe(); }
          @Override public List<Setting> settings() { return wrapped.settings(); }
          @Override public Transport open(TransportContext context) throws TransportException {
            return wrapped.open(context);
          }
        }
        """
            .formatted(made, name);
    new PluginBuilder()
        .source("third.party.Provider", provider)
        .service(TransportProvider.class, "third.party.Provider")
        .write(folder.resolve("provider.jar"));
    for (Class<?> each : List.of(module, EventFd.class, Ethernet.class)) {
      copyModule(each, folder);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      tree.sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
