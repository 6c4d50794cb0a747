package dev.outboard.transport.kerneltcp;

import dev.outboard.spi.TransportException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who this sidecar is and whom it believes, for TLS with mutual authentication: files as OpenSSL
 * and most others write them. A peer must have a certificate of one of the authorities that names
 * the IP address it is at. Any thread.
 */
final class Credentials {
  private static final String[] PROTOCOLS = {"TLSv1.3"};
  private static final String[] CIPHERS = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
  };
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final int IP_ADDRESS = 7;
  private static final int MOST_BYTES = 1 << 20;
  private static final char[] NO_PASSWORD = new char[0];

  /** A value that a session has which was there before. */
  private static final String SEEN = "dev.outboard.seen";

  private final SSLContext context;
  private final LongAdder full = new LongAdder();
  private final LongAdder resumed = new LongAdder();

  private Credentials(SSLContext context) {
    this.context = context;
  }

  /**
   * Reads them.
   *
   * @param local the address that the certificate must name
   */
  static Credentials read(
      String certificate, String privateKey, String authorities, InetAddress local)
      throws TransportException {
    List<X509Certificate> chain = certificates("certificate", certificate);
    X509Certificate own = chain.getFirst();
    if (!names(own, local)) {
      throw new TransportException(
          "certificate: %s does not name %s as an IP address of its subject (subjectAltName)"
              .formatted(certificate, local.getHostAddress()));
    }
    try {
      own.checkValidity();
    } catch (CertificateException e) {
      throw new TransportException(
          "certificate: %s is valid from %s to %s, not now"
              .formatted(
                  certificate, own.getNotBefore().toInstant(), own.getNotAfter().toInstant()),
          e);
    }
    PrivateKey key = key(privateKey, own);
    try {
      return new Credentials(context(chain, key, certificates("authorities", authorities)));
    } catch (GeneralSecurityException | IOException e) {
      throw new TransportException("certificate: can't use %s: %s".formatted(certificate, e), e);
    }
  }

  private static byte[] contents(String setting, String file) throws TransportException {
    if (file.isEmpty()) {
      throw new TransportException(setting + " is missing: a PEM file, which tls: on needs");
    }
    return SettingFile.read(setting, file, MOST_BYTES);
  }

  private static List<X509Certificate> certificates(String setting, String file)
      throws TransportException {
    List<X509Certificate> found = new ArrayList<>();
    try (InputStream in = new java.io.ByteArrayInputStream(contents(setting, file))) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Certificate each : factory.generateCertificates(in)) {
        found.add((X509Certificate) each);
      }
    } catch (CertificateException | IOException e) {
      throw new TransportException(
          "%s: %s holds something else than certificates (PEM)".formatted(setting, file), e);
    }
    if (found.isEmpty()) {
      throw new TransportException("%s: %s holds no certificate (PEM)".formatted(setting, file));
    }
    return found;
  }

  private static PrivateKey key(String file, X509Certificate own) throws TransportException {
    byte[] contents = contents("private-key", file);
    SettingFile.refuseIfOthersMay("private-key", file);
    Matcher pem = KEY.matcher(new String(contents, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new TransportException(
          "private-key: %s has no plain PKCS#8 key (BEGIN PRIVATE KEY); openssl pkcs8 -topk8 -nocrypt"
              .formatted(file));
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
      PrivateKey key =
          KeyFactory.getInstance(own.getPublicKey().getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(encoded));
      if (isKeyOf(own, key)) {
        return key;
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // It is of another kind than the certificate's.
    }
    throw new TransportException("private-key: %s is not that of the certificate".formatted(file));
  }

  private static boolean isKeyOf(X509Certificate own, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] words = "whose key is this?".getBytes(StandardCharsets.US_ASCII);
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(words);
    byte[] signature = signing.sign();
    Signature verifying = Signature.getInstance(algorithm);
    verifying.initVerify(own.getPublicKey());
    verifying.update(words);
    return verifying.verify(signature);
  }

  private static SSLContext context(
      List<X509Certificate> chain, PrivateKey key, List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    own.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, NO_PASSWORD);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      trusted.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /** An engine for a connection with a peer there; sessions with it are resumed. */
  SSLEngine engine(boolean hasConnected, InetAddress peer, int port) {
    SSLEngine engine = context.createSSLEngine(peer.getHostAddress(), port);
    engine.setUseClientMode(hasConnected);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setCipherSuites(CIPHERS);
    parameters.setNeedClientAuth(!hasConnected);
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** Counts a handshake that we have begun. */
  void count(SSLSession session) {
    if (session.getValue(SEEN) == null) {
      session.putValue(SEEN, SEEN);
      full.increment();
    } else {
      resumed.increment();
    }
  }

  /** How many handshakes that we have begun went the long way, with certificates. */
  long full() {
    return full.sum();
  }

  /** How many went the short way, on the word of an earlier one. */
  long resumed() {
    return resumed.sum();
  }

  /** Whether who is at the other end has a certificate for that address. */
  static boolean isFor(SSLSession session, InetAddress address) throws SSLException {
    return session.getPeerCertificates()[0] instanceof X509Certificate peer && names(peer, address);
  }

  private static boolean names(X509Certificate certificate, InetAddress address) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names != null
          && names.stream()
              .filter(name -> name.getFirst().equals(IP_ADDRESS))
              .anyMatch(name -> InetAddress.ofLiteral((String) name.get(1)).equals(address));
    } catch (CertificateException | IllegalArgumentException e) {
      return false;
    }
  }
}
