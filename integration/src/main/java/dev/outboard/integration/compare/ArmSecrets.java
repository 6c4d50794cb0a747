package dev.outboard.integration.compare;

import dev.outboard.integration.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * What sidecars of the arms over TCP prove to each other: new for each run, in files that only this
 * user reads, of which the settings are told. The JDK's keytool makes the certificate, which is
 * that of both hosts.
 */
final class ArmSecrets {
  private static final int SECRET = 32;
  private static final String PASSWORD = "for this run";
  private static final String ALIAS = "hosts";

  private ArmSecrets() {}

  /** The settings of the arm's uplinks, in the notation of a configuration; empty if none. */
  static String make(Arm arm, Path directory) throws UserException {
    try {
      return switch (arm) {
        case KERNEL_TCP -> ", secret-file: '" + secret(directory.resolve("secret")) + "'";
        case KERNEL_TCP_TLS -> tls(directory);
        default -> "";
      };
    } catch (IOException | GeneralSecurityException e) {
      throw new UserException("can't write what sidecars share: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserException("interrupted", e);
    }
  }

  private static Path secret(Path file) throws IOException {
    byte[] secret = new byte[SECRET];
    new SecureRandom().nextBytes(secret);
    return write(file, HexFormat.of().formatHex(secret));
  }

  private static Path write(Path file, String text) throws IOException {
    var owner = PosixFilePermissions.fromString("rw-------");
    Path _ = Files.createFile(file, PosixFilePermissions.asFileAttribute(owner));
    return Files.writeString(file, text, StandardOpenOption.WRITE);
  }

  private static String tls(Path directory)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = directory.resolve("tls.p12");
    String names = "san=ip:" + TwoHosts.address(0) + ",ip:" + TwoHosts.address(1);
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    ALIAS,
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    "CN=outboard compare",
                    "-ext",
                    names,
                    "-validity",
                    "2",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    PASSWORD))
            .redirectErrorStream(true)
            .start();
    keytool.getOutputStream().close();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool: " + said.strip());
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    byte[] certificate = keys.getCertificate(ALIAS).getEncoded();
    byte[] key = keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded();
    Path certificateFile = write(directory.resolve("tls.pem"), pem("CERTIFICATE", certificate));
    Path keyFile = write(directory.resolve("tls.key"), pem("PRIVATE KEY", key));
    return ", tls: on, certificate: '%1$s', authorities: '%1$s', private-key: '%2$s'"
        .formatted(certificateFile, keyFile);
  }

  private static String pem(String what, byte[] encoded) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, lines);
  }
}
