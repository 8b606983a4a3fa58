/// HTTP/1.1 as far as registries need it: GET and HEAD, over TLS and through proxies of every kind. No redirect, no
/// authorization of its own. Start with [io.berth.registry.http.HttpClient].
@NullMarked
package io.berth.registry.http;

import org.jspecify.annotations.NullMarked;
