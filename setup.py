"""Put the rooms of the project under one package of a wheel, so that no package called `fixtures` is installed."""

from setuptools import find_packages, setup

NAME = "cancelhandshake_conformance"
ROOMS = ("contracts", "fixtures", "proof", "reports", "suites")
packages = find_packages(include=[each for room in ROOMS for each in (room, f"{room}.*")])

setup(
    packages=[NAME, *(f"{NAME}.{package}" for package in packages)],
    package_dir={NAME: NAME, **{f"{NAME}.{room}": room for room in ROOMS}},
    package_data={"": ["*.toml", "*.json", "profiles/*", "templates/*", "*.jinja", "*.css"]},
)
