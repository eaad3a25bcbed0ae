#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tarn::io {

/// What a client sent.
struct FakeRequest {
  std::string method;
  std::string target;  ///< path and query as sent
  std::map<std::string, std::string> headers;
  std::string body;
  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

/// Serves one request after the other per connection on a free port of 127.0.0.1. The handler gives
/// the answer's bytes as they are sent; nothing closes the connection without an answer.
class FakeHttpServer {
 public:
  using Handler = std::function<std::string(const FakeRequest&)>;

  explicit FakeHttpServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 64), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this](const std::stop_token& stop) { Accept(stop); });
  }
  ~FakeHttpServer() {
    acceptor_.request_stop();
    acceptor_.join();
    workers_.clear();
    close(listener_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<FakeRequest> requests() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  int connections() {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

  static std::string Answer(int status, const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  void Accept(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting{listener_, POLLIN, 0};
      if (poll(&waiting, 1, 20) <= 0) continue;
      const int peer = accept(listener_, nullptr, nullptr);
      if (peer < 0) continue;
      {
        const std::lock_guard lock(mutex_);
        ++connections_;
      }
      workers_.emplace_back([this, peer](const std::stop_token& done) {
        while (!done.stop_requested() && ServeOne(peer, done)) {
        }
        close(peer);
      });
    }
    for (std::jthread& worker : workers_) worker.request_stop();
  }

  static bool ReadMore(int peer, const std::stop_token& stop, std::string* text) {
    char buffer[65536];
    while (!stop.stop_requested()) {
      pollfd waiting{peer, POLLIN, 0};
      if (poll(&waiting, 1, 20) <= 0) continue;
      const ssize_t count = recv(peer, buffer, sizeof buffer, 0);
      if (count <= 0) return false;
      text->append(buffer, static_cast<size_t>(count));
      return true;
    }
    return false;
  }

  bool ServeOne(int peer, const std::stop_token& stop) {
    std::string text;
    while (text.find("\r\n\r\n") == text.npos) {
      if (!ReadMore(peer, stop, &text)) return false;
    }
    FakeRequest request;
    const size_t end = text.find("\r\n\r\n");
    const size_t blank = text.find(' ');
    request.method = text.substr(0, blank);
    request.target = text.substr(blank + 1, text.find(' ', blank + 1) - blank - 1);
    for (size_t at = text.find("\r\n") + 2; at < end + 2;) {
      const size_t next = text.find("\r\n", at);
      const size_t colon = text.find(':', at);
      std::string name = text.substr(at, colon - at);
      for (char& c : name) c = static_cast<char>(tolower(c));
      const size_t value = std::min(next, text.find_first_not_of(' ', colon + 1));
      request.headers[name] = text.substr(value, next - value);
      at = next + 2;
    }
    size_t length = 0;
    for (const char c : request.Header("content-length")) {
      length = length * 10 + static_cast<size_t>(c - '0');
    }
    request.body = text.substr(end + 4);
    while (request.body.size() < length) {
      if (!ReadMore(peer, stop, &request.body)) return false;
    }
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
      answer = handler_(request);
    }
    for (size_t at = 0; at < answer.size();) {
      const ssize_t sent = send(peer, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return false;
      at += static_cast<size_t>(sent);
    }
    return !answer.empty() && answer.find("Connection: close") == answer.npos;
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;  // held while the handler runs
  std::vector<FakeRequest> seen_;
  int connections_ = 0;
  std::list<std::jthread> workers_;
  std::jthread acceptor_;
};

}  // namespace tarn::io
