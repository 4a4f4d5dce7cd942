"""Cameras and scanners of this computer as driverless scanners (eSCL), for every program that scans."""
