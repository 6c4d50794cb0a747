package dev.outboard.integration.rest;

import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.util.URIUtil;

/** Every path of the API, and which resource answers it. Any thread. */
final class Routes {
  private final List<Route> routes;

  @Inject
  Routes(
      GuestsResource guests,
      RemotesResource remotes,
      UplinksResource uplinks,
      SwapsResource swaps,
      ObservationsResource observations,
      PluginsResource plugins,
      HostResource host) {
    String contract = contract();
    routes =
        List.of(
            new Route("GET", "/", (id, body) -> Reply.json(200, host.info())),
            new Route("GET", "/guests", (id, body) -> Reply.json(200, guests.list())),
            new Route("GET", "/guests/{id}", (id, body) -> Reply.json(200, guests.get(id))),
            new Route("PUT", "/guests/{id}", (id, body) -> Reply.json(201, guests.put(id, body))),
            new Route(
                "PATCH", "/guests/{id}", (id, body) -> Reply.json(200, guests.patch(id, body))),
            new Route(
                "DELETE",
                "/guests/{id}",
                (id, body) -> {
                  guests.delete(id);
                  return Reply.empty();
                }),
            new Route("GET", "/remotes", (id, body) -> Reply.json(200, remotes.list())),
            new Route("GET", "/remotes/{id}", (id, body) -> Reply.json(200, remotes.get(id))),
            new Route("PUT", "/remotes/{id}", (id, body) -> Reply.json(201, remotes.put(id, body))),
            new Route(
                "DELETE",
                "/remotes/{id}",
                (id, body) -> {
                  remotes.delete(id);
                  return Reply.empty();
                }),
            new Route("GET", "/stats", (id, body) -> Reply.json(200, host.stats())),
            new Route("GET", "/uplinks", (id, body) -> Reply.json(200, uplinks.list())),
            new Route("GET", "/uplinks/{id}", (id, body) -> Reply.json(200, uplinks.get(id))),
            new Route("PUT", "/uplinks/{id}", (id, body) -> Reply.json(201, uplinks.put(id, body))),
            new Route(
                "DELETE",
                "/uplinks/{id}",
                (id, body) -> {
                  uplinks.delete(id);
                  return Reply.empty();
                }),
            new Route("GET", "/swaps", (id, body) -> Reply.json(200, swaps.list())),
            new Route("GET", "/swaps/{id}", (id, body) -> Reply.json(200, swaps.get(id))),
            new Route("PUT", "/swaps/{id}", (id, body) -> Reply.json(201, swaps.put(id, body))),
            new Route("PATCH", "/swaps/{id}", (id, body) -> Reply.json(200, swaps.patch(id, body))),
            new Route(
                "DELETE",
                "/swaps/{id}",
                (id, body) -> {
                  swaps.delete(id);
                  return Reply.empty();
                }),
            new Route("GET", "/observations", (id, body) -> Reply.json(200, observations.list())),
            new Route(
                "GET", "/observations/{id}", (id, body) -> Reply.json(200, observations.get(id))),
            new Route(
                "PUT", "/observations/{id}", (id, body) -> Reply.json(201, observations.put(id))),
            new Route(
                "DELETE",
                "/observations/{id}",
                (id, body) -> Reply.json(200, observations.delete(id))),
            new Route("GET", "/plugins", (id, body) -> Reply.json(200, plugins.list())),
            new Route("PUT", "/plugins/{id}", (id, body) -> Reply.json(201, plugins.put(id))),
            new Route("GET", "/transports", (id, body) -> Reply.json(200, host.transports())),
            new Route(
                "GET",
                "/openapi.yaml",
                (id, body) -> new Reply(200, "application/yaml", contract, "")));
  }

  List<Route> all() {
    return routes;
  }

  /** Answers a request, errors included. */
  Reply answer(String method, String path, String body) {
    List<String> methods = new ArrayList<>();
    for (Route route : routes) {
      Optional<String> id = route.match(path);
      if (id.isPresent()) {
        if (route.method().equals(method)) {
          return run(route, id.get(), body);
        }
        methods.add(route.method());
      }
    }
    if (methods.isEmpty()) {
      return Reply.fault(404, "no such path: " + path + "; GET /openapi.yaml lists them");
    }
    String allow = String.join(", ", methods);
    return Reply.fault(405, path + " does not know " + method + "; it knows " + allow)
        .allowing(allow);
  }

  private static Reply run(Route route, String id, String body) {
    try {
      return route.action().answer(URIUtil.decodePath(id), body);
    } catch (ApiException e) {
      return Reply.fault(e.status(), e.getMessage());
    }
  }

  private static String contract() {
    try (InputStream in = Routes.class.getResourceAsStream("/dev/outboard/openapi.yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
