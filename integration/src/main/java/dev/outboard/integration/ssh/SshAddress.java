package dev.outboard.integration.ssh;

import dev.outboard.integration.UserException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A daemon's API socket on another machine, as users write it: {@code
 * ssh://[user@]host[:port][/path]}. Immutable.
 *
 * @param user null: whom ssh takes
 * @param port -1: the port that ssh takes
 * @param socket the socket's path there
 */
record SshAddress(String user, String host, int port, String socket) {
  private static final String DEFAULT_SOCKET = "/run/outboard/api.sock";
  private static final String FORM = "ssh://[user@]host[:port][/path/of/api.sock]";

  /** What can't be taken for an option, nor for several words by a shell. */
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_\\[][A-Za-z0-9._:%\\[\\]-]*");

  private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._/+@%-]*");

  static SshAddress parse(String text) throws UserException {
    try {
      URI uri = new URI(text);
      String host = uri.getHost();
      String path = uri.getPath();
      String socket = path == null || path.length() < 2 ? DEFAULT_SOCKET : path;
      if (!"ssh".equals(uri.getScheme()) || host == null || !WORD.matcher(host).matches()) {
        throw mistake(text, null);
      }
      if (uri.getUserInfo() != null && !WORD.matcher(uri.getUserInfo()).matches()) {
        throw mistake(text, null);
      }
      if (uri.getQuery() != null || uri.getFragment() != null || !PATH.matcher(socket).matches()) {
        throw mistake(text, null);
      }
      return new SshAddress(uri.getUserInfo(), bare(host), uri.getPort(), socket);
    } catch (URISyntaxException e) {
      throw mistake(text, e);
    }
  }

  /** ssh wants an IPv6 address without brackets. */
  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static UserException mistake(String text, Exception cause) {
    return UserException.input("'" + text + "' is not of the form " + FORM, cause);
  }

  /** The words of {@code ssh} that say whereto. */
  List<String> destination() {
    List<String> words = new ArrayList<>();
    if (user != null) {
      words.addAll(List.of("-l", user));
    }
    if (port >= 0) {
      words.addAll(List.of("-p", Integer.toString(port)));
    }
    words.addAll(List.of("--", host));
    return words;
  }
}
