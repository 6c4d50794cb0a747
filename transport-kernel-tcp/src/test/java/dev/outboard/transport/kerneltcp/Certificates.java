package dev.outboard.transport.kerneltcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Credentials for TLS as users make them, by OpenSSL: a certificate, its key, and the authority
 * that vouches for it.
 */
record Certificates(Path certificate, Path privateKey, Path authority) {
  private static final class Loopback {
    static final Certificates ONLY = new Authority().certify("IP:127.0.0.1,IP:::1");
  }

  /** Those of all sidecars of a test that asks for no others. */
  static Certificates ofLoopback() {
    return Loopback.ONLY;
  }

  /** What an uplink is set to. */
  List<String> settings() {
    return List.of(
        "tls", "on",
        "certificate", certificate.toString(),
        "private-key", privateKey.toString(),
        "authorities", authority.toString());
  }

  /** Somebody who makes certificates. */
  static final class Authority {
    private final Path directory = directory();
    private final Path certificate = directory.resolve("authority.pem");
    private final Path key = directory.resolve("authority.key");
    private int made;

    Authority() {
      openssl(
          List.of("-x509", "-subj", "/CN=an authority", "-days", "2"), key, certificate, List.of());
    }

    Path certificate() {
      return certificate;
    }

    /** Certifies somebody whose subjectAltName is this. */
    Certificates certify(String name) {
      return certify(name, "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    }

    /** Certifies somebody with a key of this kind. */
    Certificates certify(String name, String kind, String... more) {
      String file = "sidecar-" + made++;
      Path ours = directory.resolve(file + ".pem");
      Path oursKey = directory.resolve(file + ".key");
      List<String> options = new ArrayList<>();
      options.addAll(List.of("-x509", "-subj", "/CN=a sidecar", "-days", "1"));
      options.addAll(List.of("-CA", certificate.toString(), "-CAkey", key.toString()));
      options.addAll(List.of("-addext", "subjectAltName=" + name));
      List<String> keyOptions = new ArrayList<>(List.of("-newkey", kind));
      keyOptions.addAll(List.of(more));
      openssl(options, oursKey, ours, keyOptions);
      return new Certificates(ours, oursKey, certificate);
    }
  }

  private static Path directory() {
    try {
      Path directory = Files.createTempDirectory("outboard-tls");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    try (var files = Files.list(directory)) {
      for (Path each : files.toList()) {
        Files.delete(each);
      }
      Files.delete(directory);
    } catch (IOException e) {
      // It is in the folder for temporary files.
    }
  }

  private static void openssl(
      List<String> options, Path key, Path certificate, List<String> keyOptions) {
    List<String> command = new ArrayList<>(List.of("openssl", "req", "-nodes"));
    command.addAll(
        keyOptions.isEmpty()
            ? List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
            : keyOptions);
    command.addAll(options);
    command.addAll(List.of("-keyout", key.toString(), "-out", certificate.toString()));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + ": " + said);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
