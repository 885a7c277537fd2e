# The shop.
{ pkgs ? import <nixpkgs> { } }:

let
  version = "1.0";

  # Says hello.
  greet = name: "hello ${name}";
in
pkgs.stdenv.mkDerivation {
  pname = "shop";
  inherit version;

  src = ./.;

  buildPhase = ''
    make
  '';
}
